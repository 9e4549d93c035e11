package io.scopegate.gateway.exchange;

import com.sun.management.OperatingSystemMXBean;
import io.netty.util.internal.PlatformDependent;
import io.scopegate.config.DataSize;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;

/**
 * How large the ceilings are that nobody has set: shares of the heap, so that a small process keeps
 * its promises and a large one is not held back. And whether ceilings that somebody has set can be
 * kept.
 *
 * @param heapBytes the largest heap of the process
 */
public record HeapShares(long heapBytes) {
  private static final HeapShares OF_THIS_PROCESS =
      new HeapShares(Runtime.getRuntime().maxMemory());

  private static final long MOST_BYTES_IN_FLIGHT = 256L << 20;
  private static final int MOST_REQUESTS = 20_000;
  private static final int MOST_CONNECTIONS = 10_000;

  /** About what an ordinary head takes, or trailers do; a request pays for more than that. */
  static final int HEAD_BYTES = 4 << 10;

  /** About what a piece of a body takes besides its bytes while it waits, however short it is. */
  static final int PIECE_BYTES = 256;

  /** About what a request under way takes, its streams on both sides and a head included. */
  private static final int REQUEST_BYTES = (4 << 10) + HEAD_BYTES;

  /** About what a connection takes that has sent nothing but its first bytes. */
  private static final int CONNECTION_BYTES = 8 << 10;

  /** About what the JVM takes for itself: code, classes, threads, the libraries. */
  private static final long JVM_BYTES = 96L << 20;

  /** About what a cached decision takes. */
  private static final int CACHE_ENTRY_BYTES = 512;

  /** Those of the running process. */
  public static HeapShares ofThisProcess() {
    return OF_THIS_PROCESS;
  }

  /** The default of {@code forwarding.maxBytesInFlight}: a quarter of the heap, at most 256 MiB. */
  public DataSize bytesInFlight() {
    long mebibytes = Math.min(heapBytes / 4, MOST_BYTES_IN_FLIGHT) >> 20;
    return new DataSize(Math.max(1, mebibytes) << 20);
  }

  /** The default of {@code forwarding.maxRequestsInFlight}: one for 32 KiB, at most 20,000. */
  public int requestsInFlight() {
    return atMost(MOST_REQUESTS, 32 << 10);
  }

  /** The default of {@code clients.maxConnections}: one for 64 KiB, at most 10,000. */
  public int connections() {
    return atMost(MOST_CONNECTIONS, 64 << 10);
  }

  private int atMost(int most, int bytesForOne) {
    return (int) Math.max(100, Math.min(most, heapBytes / bytesForOne));
  }

  /**
   * Ceilings that hold for the process.
   *
   * @param bytesInFlight bytes of bodies, which are outside of the heap
   * @param requests requests under way
   * @param connections connections of all listeners together
   * @param cacheEntries entries of the caches of decisions
   */
  public record Ceilings(long bytesInFlight, long requests, long connections, long cacheEntries) {
    private long heapBytes() {
      return requests * REQUEST_BYTES
          + connections * CONNECTION_BYTES
          + cacheEntries * CACHE_ENTRY_BYTES;
    }
  }

  /**
   * What is wrong with these ceilings.
   *
   * @param directBytes how much memory outside of the heap buffers may take
   * @param memoryBytes how much the process may take in all
   * @return a sentence for each promise that cannot be kept; empty when all can
   */
  public List<String> brokenPromises(Ceilings ceilings, long directBytes, long memoryBytes) {
    List<String> broken = new ArrayList<>();
    if (ceilings.heapBytes() > heapBytes) {
      broken.add(
          "the heap has "
              + mebibytes(heapBytes)
              + ", but "
              + ceilings.requests()
              + " requests, "
              + ceilings.connections()
              + " connections and "
              + ceilings.cacheEntries()
              + " cached decisions may need "
              + mebibytes(ceilings.heapBytes())
              + "; give it a larger heap (-Xmx), or lower forwarding.maxRequestsInFlight,"
              + " clients.maxConnections or the caches' maxEntries");
    }
    long most = ceilings.bytesInFlight() + ceilings.bytesInFlight() / 2; // where requests are ended
    if (most > directBytes) {
      broken.add(
          "buffers may take "
              + mebibytes(directBytes)
              + ", but forwarding.maxBytesInFlight needs up to "
              + mebibytes(most)
              + "; give it more (-XX:MaxDirectMemorySize, or a larger heap), or lower the key");
    }
    long all = heapBytes + most + JVM_BYTES;
    if (all > memoryBytes) {
      broken.add(
          "the process has "
              + mebibytes(memoryBytes)
              + ", but a heap of "
              + mebibytes(heapBytes)
              + ", buffers of "
              + mebibytes(most)
              + " and the JVM itself may need "
              + mebibytes(all)
              + "; raise the container's limit, or lower the heap (-XX:MaxRAMPercentage, -Xmx) or"
              + " forwarding.maxBytesInFlight");
    }
    return broken;
  }

  /** How much memory this process may take in all: the container's limit, or the machine's. */
  public static long memoryBytes() {
    return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getTotalMemorySize();
  }

  /** How much memory outside of the heap the buffers of this process may take. */
  public static long directBytes() {
    return PlatformDependent.maxDirectMemory();
  }

  private static String mebibytes(long bytes) {
    return (bytes >> 20) + " MiB";
  }
}
