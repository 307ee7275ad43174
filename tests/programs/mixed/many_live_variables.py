"""Twenty locals of many types, set before a suspension, are all there after it."""

import stateflow


@stateflow.entity
class Pause:
    def __init__(self, name):
        self.name, self.n = name, 0

    def __key__(self):
        return self.name

    def wait(self):
        self.n += 1
        return self.n


@stateflow.entity
class Keeper:
    def __init__(self, name):
        self.name, self.own = name, [0]

    def __key__(self):
        return self.name

    def keep(self, pause, arg, *args, flag=False, **kwargs):
        a, b, c, d, e = 1, 2.5, "three", b"4", None
        f, g, h, i = [a], (b, c), {d: e}, {a, 2}
        j = f
        k = lambda x: x + a
        m = iter([7, 8, 9])
        next(m)
        n = self.own
        o = range(3)
        p = ValueError("kept", f)
        q = slice(1, None)
        one = pause.wait()
        j.append(one)
        n.append(one)
        two = pause.wait()
        a = 100
        return [
            a,
            b,
            c,
            d,
            e,
            f,
            g,
            h,
            sorted(i),
            j is f,
            k(1),
            list(m),
            n is self.own,
            list(o),
            p.args[1] is f,
            f[q],
            one,
            two,
            arg,
            args,
            flag,
            kwargs,
        ]


def script(world):
    pause = world.create(Pause, "p")
    keeper = world.create(Keeper, "k")
    world.call(keeper, "keep", pause, "x")
    world.call(keeper, "keep", pause, "x", 1, 2, flag=True, z=3)
    world.state(keeper)
