early = начало
middle = середина
late = конец
