"""gunicorn behind a held socket: rolled over and over under load, no request fails."""

import os
import signal

import papa
from papa_console.demo.deploy import SOCKET, deploy
from papa_console.demo.load import Load
from papa_console.demo.reader import Reader
from support.kernels import KernelProcess

ROLLOVERS = ("2", "3", "4")


def test_three_rollovers_under_load_fail_no_request(kernel: KernelProcess) -> None:
    with papa.Papa(kernel.path, start=False) as client:
        deploy(client, "1")
        port = client.list_sockets(SOCKET)[SOCKET]["port"]
        reader = Reader(kernel.path, f"{SOCKET}.*")
        load = Load(port)

        try:
            for generation in ROLLOVERS:
                deploy(client, generation)
                load.wait_for(generation, 100)
        finally:
            load.stop()
        running = [info for info in client.list_processes(f"{SOCKET}.*").values() if info["running"]]
        os.kill(running[0]["pid"], signal.SIGTERM)
        reader.join()

        assert load.failures == []
        assert set(load.served) >= set(ROLLOVERS)
        assert len(running) == 1
        assert set(reader.exit_status.values()) == {0}
        assert reader.requests.total() >= load.served.total()
