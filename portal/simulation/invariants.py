class Watch:
    def __init__(self, world):
        self.world = world

    def day(self):
        pass

    def everything(self):
        pass
