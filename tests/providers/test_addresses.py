import pytest
from yarl import URL

from chat.providers import addresses

OPEN = """
    1.1.1.1 8.8.8.8 9.255.255.255 11.0.0.0 93.184.215.14 100.63.255.255 100.128.0.0 126.255.255.255 128.0.0.1
    169.253.255.255 169.255.0.0 172.15.255.255 172.32.0.0 192.0.1.1 192.167.255.255 192.169.0.0 198.17.255.255
    198.20.0.0 223.255.255.255 2606:4700:4700::1111 2a00:1450:4001::200e 2400:cb00::1 2001:200::1 3ffe::1
    ::ffff:8.8.8.8 64:ff9b::808:808 2002:808:808::1 2a00::5efe:808:808
""".split()
CLOSED = """
    0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 100.64.0.1 100.127.255.255 127.0.0.1 127.255.255.254 169.254.169.254
    169.254.0.1 172.16.0.1 172.31.255.255 192.0.0.8 192.0.2.1 192.88.99.1 192.168.0.1 192.168.255.255 198.18.0.1
    198.19.255.255 198.51.100.7 203.0.113.9 224.0.0.1 239.255.255.250 240.0.0.1 255.255.255.255
    :: ::1 ::2 ::127.0.0.1 ::8.8.8.8 ::ffff:0:0 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:169.254.169.254
    ::ffff:0:127.0.0.1 64:ff9b::7f00:1 64:ff9b::a9fe:a9fe 64:ff9b::c0a8:1 64:ff9b:1::808:808 100::1
    2001::1 2001:0:4136:e378:8000:63bf:3fff:fdd2 2001:20::1 2001:db8::1 2002:7f00:1::1 2002:a9fe:a9fe::1 2002:a00:1::
    3fff::1 5f00::1 fc00::1 fd12:3456:789a::1 fd00:ec2::254 fe80::1 fe80::1%eth0 febf::1 fec0::1 ff02::1 ff0e::1
    2a00::5efe:7f00:1 2a00::200:5efe:a00:1 nonsense 1.2.3 1.2.3.4.5 127.1
""".split()


@pytest.mark.parametrize("address", OPEN)
def test_the_open_internet_may_be_visited(address: str) -> None:
    assert addresses.is_open(address)


@pytest.mark.parametrize("address", CLOSED)
def test_nothing_else_may(address: str) -> None:
    assert not addresses.is_open(address)


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1/", "http://127.1/", "http://0x7f000001/", "http://2130706433/", "http://017700000001/",
     "http://0/", "http://[::1]/", "http://[::ffff:10.0.0.1]/", "http://[fe80::1%25eth0]/", "http://localhost/",
     "http://LOCALHOST./", "http://a.localhost/", "http://printer.local/", "http://metadata.google.internal/",
     "http://redis/", "http://169.254.169.254/", "https://10.1/"],
)  # fmt: skip
def test_it_can_be_seen_in_an_address_that_it_is_off_limits(url: str) -> None:
    assert addresses.is_written_off_limits(URL(url))


@pytest.mark.parametrize(
    "url", ["https://pen.example/", "http://8.8.8.8/", "https://[2606:4700::1111]/", "http://8.8/"]
)
def test_nothing_is_to_be_seen_in_others(url: str) -> None:
    assert not addresses.is_written_off_limits(URL(url))
