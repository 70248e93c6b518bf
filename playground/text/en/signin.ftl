# Signing in with Hugging Face: one of several ways to be the same player.
title = An account at Hugging Face
more = If you have an account there, it can let you in on any computer, as a code does. The game keeps a fingerprint of the account and nothing else of it: no name, no e-mail. Nobody has to have one.
tab = It opens in a new tab, and you go on playing in that tab. If you play inside a page of huggingface.co, make a code here first and type it in there, so that what you have won comes along.
go = Sign in with Hugging Face
tied = Your account at Hugging Face lets you in.
untie = It shall not let me in any more
untied = The account lets nobody in any more. What you have won is still here.
tied_now = From now on { $name }, your account at Hugging Face, lets you in wherever you sign in.
back = Welcome back, { $name }! Everything that you have won is here.
joined = Welcome back, { $name }! What was won in this browser is with it now.
choose = { $name } has played here before, and so has somebody in this browser. Was that you, too?
together = Yes: put both together
switch = No: only what { $name } has won
choose_more = Whatever you leave behind stays with the codes that it has; without one nobody finds it again.
failed = Signing in did not work, or took more than ten minutes. Nothing has changed: begin again, or play without it.
