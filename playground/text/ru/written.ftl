# Levels that an instructor writes for a class.
title = Свои уровни
lead = Напиши уровень, проверь его, сыграй и отдай классу. Играют в него и считают его, как любой другой.
none = Пока ни одного. Быстрее всего взять копию уровня, который почти подходит.
unfinished = Ещё не уровень
new = Новый уровень
source = С чего начать
source_info = В копии будет всё, кроме того, что надо пройти до неё. В пустом известен только вид.
copy_of = Копия: «{ $title }»
blank = Пустой: { $kind }
begin = Начать
begun = Вот он. Пока уровень не отдан классу, его больше никто не видит.
from_file = Взять готовый файл
file = Файл уровня (TOML)
sibling = Его русские тексты, если они есть (TOML)
take_in = Взять
empty = Брать пока нечего: выбери файл или вставь текст.
is_no = черновик
is_older = у класса, с тех пор изменён
is_same = у класса
holds = проверка пройдена
fails = проверка не пройдена
of_class = Написано для этого класса
wrong = Это ещё не уровень. { $reason }
next_check = Дальше: проверь. Игра пройдёт его по собственному решению, которое должно победить, и не разобравшись, что должно проиграть. Это займёт от нескольких секунд до нескольких минут.
next_mend = Дальше: исправь то, что нашла проверка, и проверь снова.
next_publish = Проверка пройдена: сыграй сам и отдай классу.
keep = Сохранить
kept = Сохранено.
check = Проверить
try = Сыграть
publish = Отдать классу
withdraw = Забрать у класса
withdraw_more = Ученики его больше не увидят, а выигранное останется у них. Черновик останется здесь.
withdrawn = Класс в него больше не играет.
published_now = Теперь класс играет в «{ $title }».
delete = Удалить навсегда
delete_more = Уровень и его файл исчезнут навсегда. Звёзды останутся у учеников. Сначала скачай файл.
deleted = Уровня больше нет.
end = Забрать или удалить
runs = Идёт проверка.
watch = Посмотреть
stop = Остановить
checking =
    Идёт проверка: { $count ->
        [0] играет первый игрок
        [one] сыграл { $count } игрок
        [few] сыграли { $count } игрока
       *[other] сыграли { $count } игроков
    }, прошло { $seconds } с. Со страницы можно уйти, проверка продолжится.
ended_holds = Проверка пройдена. Уровень можно отдать классу.
ended_done = Проверка не пройдена: смотри, где стоит ✗.
ended_stopped = Проверка остановлена.
ended_failed = Проверку не удалось закончить; причина есть в журнале у того, кто запустил игру.
won = побед { $wins } из { $tries }
want_reference = должно победить, и не меньше чем на { $stars } звезды, хотя бы в { $share } попытках из 100
want_texts = на каждом тексте решения признак должен сработать
want_greedy = просто для сведения
want_blind = должно проиграть; победить можно в { $share } случаях из 100
<<<<<<< HEAD
want_rule = должно проиграть; сыграно раундов: { $rounds }, побед может быть { $most }
=======
mend_lacking = Этой модели чего-то не хватает: { $reason }. Возьми другую тему («{ $concept_field }», сейчас { INLINE($concept) }) или больше мест («{ $sites_field }», сейчас { SITE($sites) }).
mend_texts = «{ $field }»: признак молчит в { $silent } из { $count }. Перепиши эти тексты.
mend_stars = «{ $field }»: { NUMBER($two, maximumFractionDigits: 3) } ({ $measure }). Лучшая попытка решения набрала { NUMBER($figure, maximumFractionDigits: 0) } из 100, а это одна звезда. Опусти порог.
mend_lost = «{ $field }» требует { ROW($goals) }. Лучшая попытка решения набрала { NUMBER($figure, maximumFractionDigits: 0) } из 100. Требуй меньше{ $solution ->
        [yes] {" "}или измени «{ $solution_field }»
       *[no] {""}
    }.
mend_easy = «{ $field }» требует { ROW($goals) }, и этого можно добиться, не разобравшись. Требуй больше. { $harder }
mend_rounds = Или спрашивай чаще: «{ $field }», сейчас { $rounds }.
mend_strength = Или дай меньше крутить: «{ $field }», сейчас { NUMBER($most, maximumFractionDigits: 2) }.
mend_narrow = Или возьми тему поуже («{ $field }»).
>>>>>>> 801f189 (A check names what is at fault; the status of a level follows its check; levels of a class are a link away; one pass through the sentences of classes)
player_reference = Собственное решение
player_texts = Тексты решения
player_greedy = По первому впечатлению
player_random = Наугад
player_plausible_wrong = Поняв половину
player_nothing = Ничего не делая
player_first_option = Всегда первый вариант
player_last_option = Всегда последний вариант
player_rule_of_thumb = Лучшее из простых правил, таких как «всегда самый длинный вариант»
player_most_common = Самый яркий признак
player_start = Как открылся экран
player_full_strength = На полную силу
trial = «{ $title }» в том виде, что в черновике. Туда ведёт только эта ссылка; чужих результатов эти попытки не тронут.
as_text = Писать текстом
as_fields = Писать в полях
text_beside = Текст файла
lines = По одному на строке. Если в одном несколько строк, после каждого пустая строка.
goals_info = Выполнить надо все. Для каждой укажи наименьшее или наибольшее; последняя здесь пустая и в файл не попадёт.
in_russian = По-русски
in_russian_more = Всё или ничего. В копии стоят русские тексты того, что скопировано: измени их вместе с английскими или убери все. Кто играет по-русски, прочтёт это, а иначе английский текст.
known =
    { $count ->
        [one] Тема, которую знает эта модель
        [few] { $count } темы, которые знает эта модель
       *[other] { $count } тем, которые знает эта модель
    }
not_said = не указано
at_least = не меньше { $low }
at_most = не больше { $high }
between = от { $low } до { $high }
gone = Этого уровня больше нет.
many =
    Своих уровней в этом классе уже { $most ->
        [one] { $most }
       *[other] { $most }
    }, больше нельзя. Удали ненужный.
changed = Этот уровень тем временем кто-то изменил. Посмотри на него ещё раз.
unproven = Сначала проверь: классу можно отдать только уровень, который в нынешнем виде прошёл проверку.
busy = Уже идут проверки, их { $most }. Попробуй, когда одна закончится.
unreadable = В тексте есть знаки, которые нельзя сохранить. Пиши простым текстом.
field_title = Название
field_brief = История: что кот говорит в начале
field_says = Предложения целей, по порядку
field_win = Что кот говорит после победы
field_concept = О чём уровень
field_concepts = Другие темы, как их зовут файлы
field_sites = Места в модели
field_difficulty = Трудность
field_minutes = Минут, для того, кто знает дорогу
field_goals = Цель
field_goals_measure = Мера
field_goals_at_least = Не меньше
field_goals_at_most = Не больше
field_goals_says = Предложение, которое прочтёт игрок
field_stars = Звёзды
field_stars_measure = Мера
field_stars_two = Две звезды от
field_stars_three = Три звезды от
field_hints = Подсказки
field_hints_nudge = Первая: намёк
field_hints_method = Вторая: способ
field_hints_answer = Третья: ответ
field_learned = Что узнали
field_learned_text = Текст карточки после победы
field_learned_words = Страницы справочника
field_learned_source = Статья и её адрес
field_solution = Решение, для проверки и для тех, кто сдался
field_solution_role = Как атлас расставляет признаки
field_solution_rank = Который из них, 1 лучший
field_solution_ranks = Которые из них, 1 лучший
field_solution_strength = Сила, во сколько раз больше советуемой атласом
field_solution_strengths = Силы, во сколько раз больше советуемых атласом
field_solution_take = Какой признак берётся
field_solution_write = Тексты, на которых он себя выдаёт
field_rounds = Вопросов
field_probes = Проб на вопрос
field_by = Чем судят
field_asks = Что спрашивают
field_least = Признаков в самом малом наборе, не меньше
field_most = Признаков в самом малом наборе, не больше
field_prompts = Начала, которые модель продолжает
field_method = Способ
field_scope = Где подталкивать
field_limit = Ответов, не больше
field_tokens = Токенов в ответе
field_temperature = Температура
field_strength = Сила (1 — длина обычного состояния модели в этом месте)
field_max_strength = Наибольшая сила (1 — длина обычного состояния модели в этом месте)
field_start_strength = Сила в начале
field_shown = Сколько примеров показать
field_replies = Ответов
field_examples = Тексты для тех, кто не знает, с чего начать
field_show_labels = Имена признаков видны
field_max_words = Слов в тексте, не больше
field_example = Первая скрытая ручка названа, для примера
field_words = Слов в ответе, не больше
field_options = Вариантов
field_ban = Собственные слова темы под запретом
field_banned = Слова под запретом
field_seeds = Пар ответов
field_dials = Признаков сразу
