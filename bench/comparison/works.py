"""What the proxies are asked to do."""
import dataclasses


@dataclasses.dataclass(frozen=True)
class Work:
    name: str  # of its script for wrk
    title: str
    path: str
    invoice_bytes: int = 0  # 0: GET
    # CPU per request that is aimed at, as a share of what the other needs.
    of_envoy: float = 0
    of_gateway: float = 0
    # Shares of Envoy's highest rate at which latency is measured.
    rates: tuple = (0.5,)


INVOICE = "/v1/invoices/inv-1001"
CREATE = "/v1/customers/c-42/invoices"

ALL = (
    Work("get-invoice", "GET, 400-byte invoice", INVOICE, of_envoy=0.33, of_gateway=0.50,
         rates=(0.25, 0.5, 0.75, 1.0)),
    Work("create-invoice", "POST, 400-byte body", CREATE, 400, of_envoy=0.28, of_gateway=0.40),
    Work("list-invoices", "GET, 35 KB list", "/v1/invoices", of_envoy=0.15, of_gateway=0.12),
    Work("create-large-invoice", "POST, 100 KB body", CREATE, 102400, of_envoy=0.12, of_gateway=0.07),
    Work("watch-invoices", "server stream of 100 messages", "/v1/invoices:watch", of_envoy=0.30, of_gateway=0.15),
)
