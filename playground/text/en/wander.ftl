# The page of features before anything is asked of it: a place to wander.
lead = Every feature of the model has a page. Pick a topic, let chance pick one, see what fires in a text of yours, or search.
surprise = Surprise me
kept = Your collected features
topics = Topics, each with the feature that tells it best
pairs = The number: of 100 pairs of texts, one about the topic and one not, the feature fires higher on the right one so often. 50 is guessing.
of_pairs = { $pairs } of 100
more =
    { $count ->
        [one] One more
       *[other] { $count } more
    }
kind_topic = What a text is about
kind_mood = Its mood
kind_genre = What sort of text it is
kind_style = How it is written
kind_language = Its language
kind_behaviour = What a chat model does
own = What fires in your text?
own_example = Write or paste anything, in English…
own_look = Look
whole = Back to the whole text
silent = No feature that has a card fires in this text. Try another place in the model.
compare = Compare with:
beside = Side by side: { $first } and { $second }.
shared = Both tell texts about { INLINE($topics) } from others.
nothing_shared = There is no topic that both tell from others.
one = Back to one
