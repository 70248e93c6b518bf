ask = Two texts, one word apart. The model goes on with { $one } in the first, with { $two } in the second. One single state of the second is put into a run of the first, and all behind it is worked out anew. Which one makes the first text go on with { $two }?
one = The first text; the model goes on with { $word }
two = The second text; the model goes on with { $word }
cell = the state after block { $block }, on { $token }
cell_last = the state after block { $block }, on { $token }, the last token
corner = Taken over
chart = Where one state was enough: 100 % it turned the answer, 0 % it did not
why = Taking over { $where } was enough to turn { $one } into { $two }. Early on, the word is only where it stands. Once a head has fetched it, it is at the end, where it is needed, and its old place may be changed without anybody noticing.
