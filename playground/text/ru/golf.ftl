strokes = Потрачена сила { NUMBER($strength, minimumFractionDigits: 2, maximumFractionDigits: 2) } (в нормах потока).
beside_par = Потрачена сила { NUMBER($strength, minimumFractionDigits: 2, maximumFractionDigits: 2) } (в нормах потока); норматив { NUMBER($par, minimumFractionDigits: 2, maximumFractionDigits: 2) }.
