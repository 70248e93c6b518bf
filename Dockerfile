# The game in a container. `docker build -t steering-playground .` for the CPU; for an NVIDIA GPU
# nothing else is needed, for the usual package of PyTorch brings CUDA along:
#     docker run --gpus all ...
# A smaller image for the CPU alone: --build-arg INDEX=<the index with PyTorch's builds for the CPU>
FROM python:3.11-slim-bookworm

ARG INDEX=""
# psycopg is for those who keep progress in PostgreSQL (compose.yaml).
ARG DRIVER="psycopg[binary]==3.3.9"

ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PYTHONDONTWRITEBYTECODE=1 \
    PLAYGROUND_HOST=0.0.0.0 PLAYGROUND_PORT=7860 PLAYGROUND_LOG=json \
    PLAYGROUND_DATA=/data PLAYGROUND_WEIGHTS=/data/weights

WORKDIR /game
COPY requirements.txt .
RUN pip install ${INDEX:+--extra-index-url "$INDEX"} --requirement requirements.txt "$DRIVER"
COPY app.py LICENSE ./
COPY playground playground
COPY levels levels
COPY assets assets
COPY docs/handbook docs/handbook

# Whoever breaks out of the game is nobody, and can write to its data alone.
RUN useradd --uid 1000 --create-home user && mkdir /data && chown user /data
USER user
VOLUME /data
EXPOSE 7860

HEALTHCHECK --interval=30s --timeout=15s --start-period=5m --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:7860/readyz', timeout=12)"]
CMD ["python", "app.py"]
