strokes = You pushed with strength { NUMBER($strength, minimumFractionDigits: 2, maximumFractionDigits: 2) }.
beside_par = You pushed with strength { NUMBER($strength, minimumFractionDigits: 2, maximumFractionDigits: 2) }; par is { NUMBER($par, minimumFractionDigits: 2, maximumFractionDigits: 2) }.
