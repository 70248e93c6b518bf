# What levels measure, as a verdict names it.
right = right answers
auroc = right order
share = replies that count
lead = lead over the control
strength = strength
thrift = thrift
