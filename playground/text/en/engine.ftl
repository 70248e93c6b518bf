half_character = This text holds half a character: delete the broken sign (�) or write it again.
