ask_text =
    Место «{ SITE($site) }»: то, что там стоит, заменили тем, что написал SAE, и модель читает дальше. Какой из этих
    текстов пострадал больше всех, в пересчёте на токен?
ask_token =
    Столбики говорят, насколько труден каждый токен для модели как она есть. Теперь то, что стоит в месте
    «{ SITE($site) }», заменили версией SAE. Какой из четырёх токенов в рамке подорожал больше всех?
ask_loss =
    Как есть, модель платит за этот текст { NUMBER($plain, minimumFractionDigits: 2, maximumFractionDigits: 2) }
    ната на токен; если в месте «{ SITE($site) }» всё стереть —
    { NUMBER($wiped, minimumFractionDigits: 2, maximumFractionDigits: 2) }. Версия SAE восстанавливает
    { NUMBER($share, style: "percent", maximumFractionDigits: 0) } этой разницы. Сколько модель платит с ней?
ask_site =
    Один текст и то, во что ему обходится версия каждого SAE, токен за токеном. В каком месте текст теряет больше
    всего в сумме?
text = текст { $letter }
the_text = Текст
at = место «{ SITE($site) }»
nats = { NUMBER($nats, minimumFractionDigits: 2, maximumFractionDigits: 2) } ната на токен
as_it_is = как есть
with_it = с версией SAE
wiped = если всё стереть
three = Сколько модель платит за этот текст
bars = Сколько теряет каждый текст
sites = Сколько текст теряет в каждом месте
unit = наты: 0,7 — вероятность упала вдвое, 2,3 — в десять раз
unit_mean = ната на токен, в среднем
costs = Сколько стоит модели каждый токен как есть; четыре, из которых выбирать, — в рамках
lost = Место «{ SITE($site) }»: насколько каждый токен дороже с версией SAE
why_text =
    Текст { $letter }: с { NUMBER($plain, minimumFractionDigits: 2, maximumFractionDigits: 2) } до
    { NUMBER($spliced, minimumFractionDigits: 2, maximumFractionDigits: 2) } ната на токен. Он теряет
    { NUMBER($lost, minimumFractionDigits: 2, maximumFractionDigits: 2) }, следующий —
    { NUMBER($next, minimumFractionDigits: 2, maximumFractionDigits: 2) }.
why_token =
    { $token }: с { NUMBER($plain, minimumFractionDigits: 1, maximumFractionDigits: 1) } до { NUMBER($spliced, minimumFractionDigits: 1, maximumFractionDigits: 1) }
    ната; из остальных трёх ни один не подорожал больше чем на { NUMBER($spared, minimumFractionDigits: 1, maximumFractionDigits: 1) }.
why_loss =
    { NUMBER($wiped, minimumFractionDigits: 2, maximumFractionDigits: 2) } −
    { NUMBER($share, style: "percent", maximumFractionDigits: 0) } ×
    ({ NUMBER($wiped, minimumFractionDigits: 2, maximumFractionDigits: 2) } −
    { NUMBER($plain, minimumFractionDigits: 2, maximumFractionDigits: 2) }) =
    { NUMBER($spliced, minimumFractionDigits: 2, maximumFractionDigits: 2) }. Это на
    { NUMBER($lost, minimumFractionDigits: 2, maximumFractionDigits: 2) } ната на токен больше, чем у модели как она
    есть.
why_site =
    Место «{ SITE($site) }»: { NUMBER($lost, minimumFractionDigits: 2, maximumFractionDigits: 2) } ната на токен в
    среднем, следующее место — { NUMBER($next, minimumFractionDigits: 2, maximumFractionDigits: 2) }.
tallest = Самый высокий столбик стоит в другом месте: «{ SITE($site) }».
