package io.scopegate.gateway.telemetry;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;

/** What one listener counts; for any thread. */
public final class ListenerMeters {
  /** Why a client's connection failed. */
  public enum Failure {
    /** The TLS handshake failed. */
    HANDSHAKE,
    /** There were too many connections. */
    LIMIT,
    /** There were too many connections of one address. */
    ADDRESS,
    /** Something was not sent in time. */
    TIMEOUT,
    /** What was sent is not HTTP, or TLS where there is none. */
    PROTOCOL,
    /** What was sent is clear text where TLS is required. */
    CLEAR_TEXT
  }

  /** The transport of a connection without TLS. */
  public static final String CLEAR_TEXT = "clear_text";

  private static final List<String> SPOKEN = List.of("TLSv1.2", "TLSv1.3", CLEAR_TEXT);

  private final LongAdder connections = new LongAdder();
  private final LongAdder streams = new LongAdder();
  private final Counter accepted;
  private final Map<Failure, Counter> failures = new EnumMap<>(Failure.class);
  private final Map<String, Counter> established = new HashMap<>();

  ListenerMeters(MeterRegistry registry, String listener) {
    Gauge.builder("scopegate.connections", connections, LongAdder::sum)
        .description("Open client connections")
        .tag("listener", listener)
        .register(registry);
    Gauge.builder("scopegate.streams", streams, LongAdder::sum)
        .description("Requests in progress")
        .tag("listener", listener)
        .register(registry);
    this.accepted =
        Counter.builder("scopegate.connections.accepted")
            .description("Accepted client connections")
            .tag("listener", listener)
            .register(registry);
    for (Failure failure : Failure.values()) {
      failures.put(
          failure,
          Counter.builder("scopegate.connections.failed")
              .description("Failed client connections, by cause")
              .tag("listener", listener)
              .tag("cause", failure.name().toLowerCase(Locale.ROOT))
              .register(registry));
    }
    for (String spoken : SPOKEN) {
      established.put(
          spoken,
          Counter.builder("scopegate.connections.established")
              .description("Established client connections, by TLS version or clear text")
              .tag("listener", listener)
              .tag("transport", spoken)
              .register(registry));
    }
  }

  /** A client connected. */
  public void connectionOpened() {
    accepted.increment();
    connections.increment();
  }

  /** A connection that was counted as opened is gone. */
  public void connectionClosed() {
    connections.decrement();
  }

  /** A connection failed; does not count it as closed. */
  public void connectionFailed(Failure failure) {
    Objects.requireNonNull(failures.get(failure)).increment();
  }

  /**
   * A connection is established: its protocol is known and the handshake is over.
   *
   * @param spoken the version of TLS as the JDK names it, or {@link #CLEAR_TEXT}
   */
  public void established(String spoken) {
    Counter counter = established.get(spoken);
    if (counter != null) {
      counter.increment();
    }
  }

  /** A request's head arrived. */
  public void streamOpened() {
    streams.increment();
  }

  /** A request that was counted as opened has ended. */
  public void streamClosed() {
    streams.decrement();
  }
}
