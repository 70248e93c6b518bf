ask_text =
    At the { SITE($site) } site, the model's state is replaced by what the SAE makes of it, and the model reads on.
    Which of these texts suffers most, token for token?
ask_token =
    The bars say how hard each token is for the model as it is. Now the state at the { SITE($site) } site is
    replaced by the SAE's version. Which of the four framed tokens becomes harder by most?
ask_loss =
    As it is, the model pays { NUMBER($plain, minimumFractionDigits: 2, maximumFractionDigits: 2) } nats a token for
    this text; with nothing at the { SITE($site) } site,
    { NUMBER($wiped, minimumFractionDigits: 2, maximumFractionDigits: 2) }. The SAE's version recovers
    { NUMBER($share, style: "percent", maximumFractionDigits: 0) } of that. How much does the model pay with it?
ask_site =
    One text, and what each SAE's version costs it, token by token. At which site does the text lose most in all?
text = text { $letter }
the_text = The text
at = the { SITE($site) } site
nats = { NUMBER($nats, minimumFractionDigits: 2, maximumFractionDigits: 2) } nats a token
as_it_is = as it is
with_it = with the SAE's version
wiped = with nothing there
three = What the model pays for this text
bars = What each text loses
sites = What the text loses at each site
unit = nats: 0.7 is a probability cut in half, 2.3 one cut to a tenth
unit_mean = nats a token, on average
costs = What each token costs the model as it is; the four to choose from are framed
lost = The { SITE($site) } site: what each token costs more with the SAE's version
why_text =
    Text { $letter }: from { NUMBER($plain, minimumFractionDigits: 2, maximumFractionDigits: 2) } to
    { NUMBER($spliced, minimumFractionDigits: 2, maximumFractionDigits: 2) } nats a token. It loses
    { NUMBER($lost, minimumFractionDigits: 2, maximumFractionDigits: 2) }, the next one
    { NUMBER($next, minimumFractionDigits: 2, maximumFractionDigits: 2) }.
why_token =
    { $token } goes from { NUMBER($plain, minimumFractionDigits: 1, maximumFractionDigits: 1) } to
    { NUMBER($spliced, minimumFractionDigits: 1, maximumFractionDigits: 1) } nats; none of the other three rises by more than
    { NUMBER($spared, minimumFractionDigits: 1, maximumFractionDigits: 1) }.
why_loss =
    { NUMBER($wiped, minimumFractionDigits: 2, maximumFractionDigits: 2) } −
    { NUMBER($share, style: "percent", maximumFractionDigits: 0) } ×
    ({ NUMBER($wiped, minimumFractionDigits: 2, maximumFractionDigits: 2) } −
    { NUMBER($plain, minimumFractionDigits: 2, maximumFractionDigits: 2) }) =
    { NUMBER($spliced, minimumFractionDigits: 2, maximumFractionDigits: 2) }. That is
    { NUMBER($lost, minimumFractionDigits: 2, maximumFractionDigits: 2) } nats a token more than the model as it is.
why_site =
    The { SITE($site) } site: { NUMBER($lost, minimumFractionDigits: 2, maximumFractionDigits: 2) } nats a token on
    average, the next one { NUMBER($next, minimumFractionDigits: 2, maximumFractionDigits: 2) }.
tallest = The tallest single bar stands at the { SITE($site) } site.
