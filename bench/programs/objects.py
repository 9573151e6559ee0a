"""An ordinary program: arithmetic with many small objects, their constructors, operators and properties."""

import target


class Vector:
    __slots__ = ("x", "y", "z")

    def __init__(self, x, y, z):
        self.x = x
        self.y = y
        self.z = z

    def __add__(self, other):
        return Vector(self.x + other.x, self.y + other.y, self.z + other.z)

    def __sub__(self, other):
        return Vector(self.x - other.x, self.y - other.y, self.z - other.z)

    def __mul__(self, factor):
        return Vector(self.x * factor, self.y * factor, self.z * factor)

    def dot(self, other):
        return self.x * other.x + self.y * other.y + self.z * other.z

    @property
    def squared(self):
        return self.dot(self)

    @property
    def length(self):
        return self.squared**0.5


class Shape:
    def __init__(self, name):
        self.name = name

    @property
    def area(self):
        raise NotImplementedError(self.name)

    def __lt__(self, other):
        return self.area < other.area


class Circle(Shape):
    def __init__(self, radius):
        super().__init__("circle")
        self.radius = radius

    @property
    def area(self):
        return 3.14159 * self.radius**2


class Rectangle(Shape):
    def __init__(self, width, height):
        super().__init__("rectangle")
        self.width = width
        self.height = height

    @property
    def area(self):
        return self.width * self.height


class Body:
    def __init__(self, place, speed, mass):
        self.place = place
        self.speed = speed
        self.mass = mass

    @property
    def energy(self):
        return 0.5 * self.mass * self.speed.squared

    def attract(self, other, seconds):
        away = other.place - self.place
        distance = away.length + 0.01
        self.speed = self.speed + away * (other.mass * seconds / distance**3)

    def move(self, seconds):
        self.place = self.place + self.speed * seconds


class System:
    def __init__(self, bodies):
        self.bodies = bodies

    def step(self, seconds):
        for body in self.bodies:
            for other in self.bodies:
                if other is not body:
                    body.attract(other, seconds)
        for body in self.bodies:
            body.move(seconds)

    @property
    def energy(self):
        return sum(body.energy for body in self.bodies)


def bodies(count):
    return [Body(Vector(i, i * i % 5, -i), Vector(0.1 * i, 0, 0), 1 + i % 3) for i in range(count)]


def sorted_shapes(count):
    return sorted([Circle(i % 7) if i % 2 else Rectangle(i % 5, i % 3) for i in range(count)])


def work():
    while target.running():
        system = System(bodies(6))
        for _ in range(10):
            system.step(0.01)
        system.energy
        sorted_shapes(40)


assert Vector(1, 2, 2).length == 3 and sorted_shapes(2)[0].name == "rectangle"
target.ready()
work()
