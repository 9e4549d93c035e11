package io.scopegate.gateway.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.gateway.exchange.HeapShares.Ceilings;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HeapSharesTest {
  private static final long MIB = 1 << 20;

  @ParameterizedTest
  @CsvSource({
    "    1,   1,   100,   100",
    "   64,  16,  2048,  1024",
    "  128,  32,  4096,  2048",
    "  512, 128, 16384,  8192",
    " 1024, 256, 20000, 10000",
    "16384, 256, 20000, 10000",
  })
  void defaultsFollowFromTheHeap(long heapMib, long bytesMib, int requests, int connections) {
    HeapShares shares = new HeapShares(heapMib * MIB);
    assertThat(shares.bytesInFlight().bytes()).isEqualTo(bytesMib * MIB);
    assertThat(shares.requestsInFlight()).isEqualTo(requests);
    assertThat(shares.connections()).isEqualTo(connections);
  }

  @ParameterizedTest
  @CsvSource({"128", "256", "512", "1024"})
  void theDefaultsOfThreeListenersCanBeKept(long heapMib) {
    HeapShares shares = new HeapShares(heapMib * MIB);
    Ceilings defaults =
        new Ceilings(
            shares.bytesInFlight().bytes(),
            shares.requestsInFlight(),
            3L * shares.connections(),
            70_000);
    assertThat(shares.brokenPromises(defaults, heapMib * MIB, 4 * heapMib * MIB)).isEmpty();
  }

  @Test
  void saysWhatCannotBeKeptAndWhatToDo() {
    HeapShares shares = new HeapShares(128 * MIB);
    Ceilings explicit = new Ceilings(256 * MIB, 20_000, 30_000, 70_000);
    assertThat(shares.brokenPromises(explicit, 128 * MIB, 512 * MIB))
        .containsExactly(
            "the heap has 128 MiB, but 20000 requests, 30000 connections and 70000 cached"
                + " decisions may need 424 MiB; give it a larger heap (-Xmx), or lower"
                + " forwarding.maxRequestsInFlight, clients.maxConnections or the caches'"
                + " maxEntries",
            "buffers may take 128 MiB, but forwarding.maxBytesInFlight needs up to 384 MiB; give it"
                + " more (-XX:MaxDirectMemorySize, or a larger heap), or lower the key",
            "the process has 512 MiB, but a heap of 128 MiB, buffers of 384 MiB and the JVM itself"
                + " may need 608 MiB; raise the container's limit, or lower the heap"
                + " (-XX:MaxRAMPercentage, -Xmx) or forwarding.maxBytesInFlight");
  }

  /** The share that the launcher and the manifests give to the heap. */
  @ParameterizedTest
  @CsvSource({"256", "512", "1024", "4096"})
  void fortyPercentOfAContainerCanBeKept(long containerMib) {
    HeapShares shares = new HeapShares(containerMib * 40 / 100 * MIB);
    Ceilings defaults =
        new Ceilings(
            shares.bytesInFlight().bytes(),
            shares.requestsInFlight(),
            3L * shares.connections(),
            70_000);
    assertThat(shares.brokenPromises(defaults, shares.heapBytes(), containerMib * MIB)).isEmpty();
  }

  @Test
  void thisMachineHasMoreMemoryThanTheHeap() {
    assertThat(HeapShares.memoryBytes()).isGreaterThan(HeapShares.ofThisProcess().heapBytes());
  }
}
