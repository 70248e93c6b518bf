# What features are called, and where their texts come from.
concept = { INLINE($concept) }
word = the word '{ $token }'
part = the word part '{ $token }'
number = the number '{ $token }'
sign = the sign '{ $token }'
tokens = { OR($tokens) }
token = '{ $token }'
line_breaks = line breaks
line_break = line break
makes = makes { ROW($tokens) } likelier
dead = never fires here
unlabelled = unlabelled
