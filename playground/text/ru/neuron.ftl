# Вид `neuron`.
ask =
    A и B смотрят на одни и те же тексты: о теме «{ INLINE($topic) }» ({ $about }) и другие. Одно из них — нейрон MLP
    (место: { SITE($site) }), другое — признак SAE там же; каждое — лучшее в своём роде для этой темы. Что лучше отличает
    новые тексты о ней от других и что это такое?
strips = { $name }: сначала тексты о теме, потом другие; его значения
feature = чище { $name }, и { $name } — признак
neuron = чище { $name }, и { $name } — нейрон
why =
    Признаком было { $name }. Из 100 пар новых текстов о теме «{ INLINE($topic) }» и других признак верно упорядочивает
    { NUMBER($feature, maximumFractionDigits: 0) }, нейрон — { NUMBER($neuron, maximumFractionDigits: 0) }. { $won ->
        [neuron] Значит, здесь чище нейрон:
       *[feature] Значит, чище признак:
    } на { NUMBER($low, maximumFractionDigits: 0) }–{ NUMBER($high, maximumFractionDigits: 0) } пар из 100 (95-процентный
    интервал). Измерено на текстах: { $about } о теме и { $others } других.
bar_feature = { $name }, признак
bar_neuron = { $name }, нейрон
bars = Насколько хорошо каждое различает новые тексты
