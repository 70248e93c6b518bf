strokes = Потрачена сила { NUMBER($strength, minimumFractionDigits: 2, maximumFractionDigits: 2) }.
beside_par = Потрачена сила { NUMBER($strength, minimumFractionDigits: 2, maximumFractionDigits: 2) }; норматив { NUMBER($par, minimumFractionDigits: 2, maximumFractionDigits: 2) }.
