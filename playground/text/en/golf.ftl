strokes = You used { NUMBER($strength, minimumFractionDigits: 2, maximumFractionDigits: 2) } residual norms.
beside_par = You used { NUMBER($strength, minimumFractionDigits: 2, maximumFractionDigits: 2) } residual norms; par is { NUMBER($par, minimumFractionDigits: 2, maximumFractionDigits: 2) }.
