"""Functions nested three deep share variables of each level by nonlocal while the innermost calls entities."""

import stateflow


@stateflow.entity
class Score:
    def __init__(self, name):
        self.name, self.points = name, 0

    def __key__(self):
        return self.name

    def add(self, n):
        self.points += n
        return self.points


@stateflow.entity
class Match:
    def __init__(self, name):
        self.name, self.rounds = name, 0

    def __key__(self):
        return self.name

    def play(self, score, sets):
        total = 0

        def play_set(games):
            nonlocal total
            won = 0

            def play_game(points):
                nonlocal won, total

                def rally():
                    nonlocal won
                    self.rounds += 1
                    won += 1
                    return score.add(points)

                result = rally()
                total += result
                return result

            results = [play_game(points) for points in games]
            return results, won

        return [play_set(games) for games in sets], total, self.rounds


def script(world):
    score = world.create(Score, "s")
    match = world.create(Match, "m")
    world.call(match, "play", score, [[1, 2], [3], []])
    world.state(match)
