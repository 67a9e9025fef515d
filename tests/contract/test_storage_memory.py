"""`MemoryStorage` keeps the contract, with records as they are and with records that went through JSON."""

from nurture.ports import Storage
from nurture.storage import MemoryStorage
from nurture.testing import StorageContract
from nurture.testing.storage_groups import Clock


class TestMemoryStorage(StorageContract):
    through_codec = False
    first: MemoryStorage | None = None

    def make_storage(self, tenant: str, clock: Clock) -> Storage:
        if self.first is None:
            self.first = MemoryStorage(tenant, clock=clock, through_codec=self.through_codec)
            return self.first
        return self.first.for_tenant(tenant)


class TestMemoryStorageThroughCodec(TestMemoryStorage):
    through_codec = True
