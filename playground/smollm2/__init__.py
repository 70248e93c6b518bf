"""What makes the SAEs of SmolLM2: texts that people might type, for the model to reply to.

Knows nothing of the game.
"""
