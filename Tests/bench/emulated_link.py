"""Two network namespaces with a slow link between them, which go when the program does.

programs/emulated_link.c carries the packets, as not every kernel has netem: each direction has a rate, a delay, losses
at random and a queue of 200 ms. Takes root.
"""
import os
import pathlib
import signal
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent


def built(folder, name, *arguments):
    """A program of programs/, compiled."""
    program = folder / name
    subprocess.run(["cc", "-O2", "-std=c99", "-o", program, HERE / "programs" / f"{name}.c", *arguments], check=True)
    return program


class EmulatedLink:
    """The board's end is 10.213.7.1 and the server's 10.213.7.2."""

    BOARD, SERVER = "10.213.7.1", "10.213.7.2"

    def __init__(self, program, mbit, delay_ms, loss):
        self.arguments = [program, *self.spaces(), str(mbit), str(delay_ms), str(loss)]
        self.carrier, self.started = None, []

    @staticmethod
    def spaces():
        return f"hr-board-{os.getpid()}", f"hr-server-{os.getpid()}"

    def __enter__(self):
        if os.geteuid() != 0:
            sys.exit("emulated_link.py: network namespaces take root")
        # Else finally and __exit__ would not run.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
        try:
            for space in self.spaces():
                subprocess.run(["ip", "netns", "add", space], check=True)
            self.carrier = subprocess.Popen(self.arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            if self.carrier.stdout.readline() != b"ready\n":
                sys.exit("emulated_link.py: the link could not be made")
            for space, address in zip(self.spaces(), (self.BOARD, self.SERVER)):
                for command in (f"addr add {address}/24 dev slow0", "link set slow0 up", "link set lo up"):
                    subprocess.run(["ip", "-n", space, *command.split()], check=True)
        except BaseException:
            self.__exit__()
            raise
        return self

    def change_rate(self, mbit):
        """From now on; 0: nothing passes."""
        self.carrier.stdin.write(f"{mbit}\n".encode())
        self.carrier.stdin.flush()

    def start(self, is_server, command, **options):
        """A program at one end, which is ended with the link."""
        space = self.spaces()[int(is_server)]
        process = subprocess.Popen(["ip", "netns", "exec", space, *map(str, command)], text=True,
                                   stdout=subprocess.PIPE, **options)
        self.started.append(process)
        return process

    def __exit__(self, *_):
        for process in [*self.started, self.carrier]:
            if process and process.poll() is None:
                process.terminate()
                try:
                    process.wait(10)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()
        for space in self.spaces():
            subprocess.run(["ip", "netns", "delete", space], stderr=subprocess.DEVNULL)
