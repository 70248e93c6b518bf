title = Is this certificate genuine?
lead = A certificate has a code in its upper right corner. Type it, and the name on the certificate.
code = Code of the certificate
name = Name on it
look = Look it up
genuine = It is genuine: this code was made out to “{ $name }”.
says =
    { $stars } of { $total } { $total ->
        [one] star
       *[other] stars
    } in the final exam, on { $day }, on the model { $model }.
unknown = No certificate has this code and this name. Check both: the name has to be as it was last written on the certificate.
