"""How written Korean is read aloud: small named rules, applied in order (see ``rules``)."""
