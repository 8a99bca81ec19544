"""The class room: a lecturer asks, a class answers on its phones, and the hall's screen shows what came.

    host, seats and hall (browsers) -> routes -> rooms -> store (SQLite, or PostgreSQL for several hosts)
                                          ^                 |
                                          +---- live <------+   each process tells its listeners what has changed

plan holds what can be asked, asking what of it is shown, phases what may follow what, tally what is made of answers,
quiz and walk the two races, drawings and charts how that is shown, afterwards the page of it all; these are pure.
Nobody has an account, no name is typed, no address is kept: a seat is a cookie, a dealt name and four digits.
"""
