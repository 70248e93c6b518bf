title = Final exam
lead = The exam has { $parts } parts of all that you have learned, drawn for you alone. It takes about forty minutes, and you may stop after each part. With { $needed } of { $total } stars you pass.
rule_lot = Each part is a new level: its features, texts and topics are drawn by lot. There are no hints.
rule_tries = Questions and hunts are handed in once. What is steered may be tried three times, and the best try counts.
rule_kept = Your score is kept. When all parts are tried you may sit another exam; the best one counts.
locked = Still locked
more =
    { $chapter }: { $count ->
        [one] one level
       *[other] { $count } levels
    } still to win
begin = Begin the exam
anew = Sit another exam
none = The cat could not make an exam with this model.
score =
    { $stars } of { $total } stars; { $needed } { $needed ->
        [one] is
       *[other] are
    } needed to pass
parts = Your parts
tries =
    { $left ->
        [one] one try left
       *[other] { $left } tries left
    }
done = done; look at it again
passed =
    Passed, with { $best ->
        [one] one star
       *[other] { $best } stars
    } in your best exam.
failed =
    Not passed yet: { $best ->
        [one] one star
       *[other] { $best } stars
    } in your best exam.
certificate = Your certificate
unproven = nobody has opened it yet: a click has it checked
proving = The cat is checking that this part can be won with this model, which may take a minute. You may look at the other parts meanwhile, in another tab.
