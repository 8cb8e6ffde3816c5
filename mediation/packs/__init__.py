"""Rule packs: the law as data, chosen for each case."""
