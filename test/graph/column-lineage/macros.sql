create macro mask_email(address) as left(md5(address), 8) || '@example.com';
create macro initials(first, second) as upper(left(first, 1)) || upper(left(second, 1));
create macro add_mark(words) as words || '!';
create macro shout(words) as upper(add_mark(words));
create macro pairs_up_to(top) as table select n as one, n * 2 as two from range(top) as w(n);
