package io.scopegate.e2e.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.e2e.Until;
import io.scopegate.e2e.wire.Frames;
import io.scopegate.e2e.wire.Hpack;
import io.scopegate.e2e.wire.Wires;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * What an idle HTTP/2 connection costs: next to nothing until it was let in. 10,000 connections in
 * a large run, 1,000 else.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class IdleConnectionsIT {
  private static final int CONNECTIONS = Volume.LARGE ? 10_000 : 1_000;
  private static final long KIB = 1024;
  private static final long STRANGER_BYTES = 8 * KIB;
  private static final long LET_IN_BYTES = 24 * KIB;
  private static final int MEASUREMENTS = 3;

  /** They have to stay until all are there. */
  private static final String CLIENTS =
      "maxConnections: 12000, handshakeTimeout: 10m, headerTimeout: 10m";

  private static final Duration SOON = Duration.ofMinutes(5);

  @AutoClose private Surroundings around;
  @AutoClose private Target target;
  @AutoClose private Wires wires;

  @BeforeAll
  void start() {
    around = new Surroundings();
    target = Target.start(around, Map.of("CLIENTS", CLIENTS));
    wires = new Wires(around.ca());
    cost(preface(), Door.H2_CLEAR); // loads what is loaded once
  }

  @Test
  void oneThatHasSentItsPrefaceCostsLessThan8KiB() {
    assertThat(least(preface(), Door.H2_CLEAR, STRANGER_BYTES)).isLessThan(STRANGER_BYTES);
  }

  @Test
  void oneThatHasSentItsPrefaceOverTlsCostsLessThan8KiB() {
    assertThat(least(preface(), Door.H2_TLS, STRANGER_BYTES)).isLessThan(STRANGER_BYTES);
  }

  @Test
  void oneThatWasRefusedWithLargeFieldsCostsLessThan8KiB() {
    assertThat(least(refused(), Door.H2_CLEAR, STRANGER_BYTES)).isLessThan(STRANGER_BYTES);
  }

  @Test
  void oneThatWasLetInCostsLessThan24KiBWithItsBuffers() {
    assertThat(least(letIn(), Door.H2_CLEAR, LET_IN_BYTES)).isLessThan(LET_IN_BYTES);
  }

  private static Attack preface() {
    return idle("preface only");
  }

  private static Attack idle(String what) {
    return Attack.called(what).through(EnumSet.of(Door.H2_CLEAR)).from(CONNECTIONS);
  }

  /** A head with a token of 16 KB and a field of 13 KB that a connection might remember. */
  private static Attack refused() {
    Hpack head =
        Hpack.get("/api/search")
            .field("a0", "v".repeat(13_000))
            .secret(Hpack.AUTHORIZATION, "Bearer " + "x".repeat(15_900));
    return idle("refused once").sends((scene, number) -> Frames.request(scene.firstStream(), head));
  }

  private static Attack letIn() {
    return idle("let in")
        .at(Listener.QUICK)
        .sends((scene, number) ->
            Frames.request(
                scene.firstStream(),
                Hpack.get("/api/search")
                    .field("x-scope-orgid", Surroundings.HOSTILE)
                    .field("authorization", "Bearer " + scene.target().around().hostileToken())));
  }

  /**
   * The least of up to three measurements, the first one below a limit. The pool takes memory for
   * buffers in chunks of megabytes and keeps them: one chunk more is kilobytes for each connection.
   */
  private long least(Attack attack, Door door, long limit) {
    long least = Long.MAX_VALUE;
    for (int i = 0; i < MEASUREMENTS && least >= limit; i++) {
      least = Math.min(least, cost(attack, door));
    }
    return least;
  }

  /** Bytes of heap and of network buffers for each connection. */
  private long cost(Attack attack, Door door) {
    String port = attack.listener().name().toLowerCase(Locale.ROOT);
    Until.holds("those before are gone", SOON, () -> connections(port) == 0);
    long before = bytes();
    try (Assault idle = Assault.begin(wires, target, attack, Set.of(door), 1)) {
      Until.holds("all are open", SOON, () -> connections(port) == CONNECTIONS);
      Until.holds("all have been answered", SOON, () -> isAnswered(idle));
      Until.passed(Duration.ofSeconds(1));
      long each = (bytes() - before) / CONNECTIONS;
      System.out.printf("%s: %d bytes each of %s%n", attack.title(), each, idle);
      assertThat(idle.open()).isEqualTo(CONNECTIONS);
      return each;
    }
  }

  private boolean isAnswered(Assault idle) {
    return idle.messages() >= CONNECTIONS
        && target.metric("scopegate_delayed_bytes") == 0
        && target.metric("scopegate_streams") == 0;
  }

  private long connections(String port) {
    return target.metric("scopegate_connections{listener=\"" + port + "\"}");
  }

  private long bytes() {
    return target.heap().afterCollection() + target.metric("scopegate_buffer_bytes");
  }
}
