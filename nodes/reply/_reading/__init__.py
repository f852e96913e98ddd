"""How written Korean is read aloud: small named rules, in an order (see ``rules``)."""
