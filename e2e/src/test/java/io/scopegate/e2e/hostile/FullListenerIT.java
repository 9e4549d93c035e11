package io.scopegate.e2e.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.e2e.KeptAlive;
import io.scopegate.e2e.Until;
import io.scopegate.e2e.wire.Wires;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A port that is full of connections which were never let in: who has a right comes in, and who is
 * in stays.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FullListenerIT {
  /** More than the 50 that the port takes. */
  private static final int CONNECTIONS = 60;

  private static final int COMERS = 20;
  private static final byte[] ANONYMOUS =
      "GET /api/search HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

  @AutoClose private Surroundings around;
  @AutoClose private Target target;
  @AutoClose private Wires wires;

  @BeforeAll
  void start() {
    around = new Surroundings();
    target = Target.start(around);
    wires = new Wires(around.ca());
  }

  @ParameterizedTest
  @EnumSource(
      value = Door.class,
      names = {"H1_CLEAR", "H1_TLS", "H2_CLEAR", "H2_TLS", "H2_UPGRADE"})
  void whoHasARightComesInAndWhoIsInStays(Door door) throws Exception {
    byte[] search = KeptAlive.search(around.honestToken(), Surroundings.HONEST);
    try (KeptAlive before = connect()) {
      assertThat(before.status(search)).isEqualTo(200);
      try (Assault crowd = Assault.begin(wires, target, crowd(door), Set.of(door), Volume.TIMES)) {
        Until.holds("it is full", Duration.ofSeconds(10), () -> crowd.open() >= 45);
        for (int i = 0; i < COMERS; i++) {
          try (KeptAlive comer = connect()) {
            assertThat(comer.status(search)).as("comer %d, %s", i, crowd).isEqualTo(200);
          }
        }
      }
      assertThat(before.status(search)).as("who was in before").isEqualTo(200);
    }
  }

  /** Over HTTP/2 they have said their preface, over HTTP/1.1 they have been refused once. */
  private static Attack crowd(Door door) {
    return Attack.called("idle connections")
        .through(EnumSet.of(door))
        .at(Listener.SMALL)
        .from(CONNECTIONS)
        .sends((scene, number) -> door.isHttp2() ? new byte[0] : ANONYMOUS);
  }

  private KeptAlive connect() throws IOException {
    return KeptAlive.connect(target.port(Listener.SMALL));
  }
}
