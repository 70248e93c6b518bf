early = early
middle = middle
late = late
