package io.scopegate.e2e.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.e2e.Rpc;
import io.scopegate.e2e.Until;
import io.scopegate.e2e.wire.Frames;
import io.scopegate.e2e.wire.Hpack;
import io.scopegate.e2e.wire.Wires;
import io.scopegate.testkit.tempo.proto.SearchRequest;
import io.vertx.core.Future;
import io.vertx.grpc.common.GrpcStatus;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * One tenant's cancelled calls and another tenant's streams, at an upstream that ends a connection
 * with too many unfinished calls, as Tempo's query port does: no stream ends before its time.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SharedUpstreamIT {
  private static final String SEARCH = "tempopb.StreamingQuerier/Search";
  private static final int STREAMS = 8;
  private static final int CALLS = 2_900;
  private static final int AT_A_TIME = 50;

  /** On a busy machine the streams may be over before the first call is cancelled. */
  private static final int MOST_TRIES = 3;

  private static final Duration SOON = Duration.ofSeconds(20);
  private static final byte[] EMPTY_MESSAGE = new byte[5];

  @AutoClose private Surroundings around;
  @AutoClose private GoLikeUpstream upstream;
  @AutoClose private Target target;
  @AutoClose private Wires wires;
  @AutoClose private Rpc rpc;

  @BeforeAll
  void start() {
    around = new Surroundings();
    upstream = new GoLikeUpstream();
    target = Target.start(around, Map.of("QUICK_PORT", Integer.toString(upstream.port())));
    wires = new Wires(around.ca());
    rpc = new Rpc(around.ca());
  }

  @ParameterizedTest
  @EnumSource(
      value = Door.class,
      names = {"H2_CLEAR", "H2_TLS", "H2_UPGRADE"})
  void cancelledCallsOfOneTenantEndNoStreamOfAnother(Door door) throws Exception {
    int ended = upstream.ended();
    int cancelled = upstream.cancelled();
    for (int i = 0; i < MOST_TRIES && upstream.cancelled() == cancelled; i++) {
      attackBesideStreams(door);
    }
    System.out.printf(
        "%d calls were cancelled upstream, %d connections ended%n",
        upstream.cancelled() - cancelled, upstream.ended() - ended);
    assertThat(upstream.cancelled())
        .as("calls that were cancelled upstream")
        .isGreaterThan(cancelled);
    assertThat(upstream.ended()).as("connections that upstream has ended").isEqualTo(ended);
  }

  private void attackBesideStreams(Door door) throws Exception {
    List<Future<Rpc.Called>> streams = new ArrayList<>();
    for (int i = 0; i < STREAMS; i++) {
      streams.add(open());
    }
    Until.holds("they are all open", SOON, () -> target.metric("scopegate_streams") >= STREAMS);
    int times = Volume.LARGE ? 3 : 1;
    try (Assault assault = Assault.begin(wires, target, cancelling(), Set.of(door), times)) {
      for (Future<Rpc.Called> stream : streams) {
        Rpc.Called called =
            stream.toCompletionStage().toCompletableFuture().get(60, TimeUnit.SECONDS);
        assertThat(called.status()).as("%s, %s", called, assault).isEqualTo(GrpcStatus.OK);
        assertThat(called.messages()).hasSize(GoLikeUpstream.MESSAGES);
      }
      assertThat(assault.messages()).isPositive();
    }
  }

  private Future<Rpc.Called> open() {
    return rpc.start(
        target.port(Listener.QUICK),
        SEARCH,
        SearchRequest.getDefaultInstance(),
        "authorization",
        "Bearer " + around.honestToken(),
        "x-scope-orgid",
        Surroundings.HONEST);
  }

  private static Attack cancelling() {
    return Attack.called("calls that are cancelled as soon as they have begun")
        .at(Listener.QUICK)
        .through(Door.H2)
        .from(2)
        .times(CALLS / AT_A_TIME)
        .every(Duration.ofMillis(10))
        .sends(SharedUpstreamIT::fiftyCalls);
  }

  /** Fifty new calls, and the end of the fifty before. */
  private static byte[] fiftyCalls(Attack.Scene scene, int number) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (int i = 0; i < AT_A_TIME; i++) {
      int call = number * AT_A_TIME + i;
      out.writeBytes(Frames.begin(scene.stream(call), call(scene.target().around())));
      out.writeBytes(Frames.data(scene.stream(call), true, EMPTY_MESSAGE));
      if (number > 0) {
        out.writeBytes(Frames.reset(scene.stream(call - AT_A_TIME)));
      }
    }
    return out.toByteArray();
  }

  private static Hpack call(Surroundings around) {
    return Hpack.post("/" + SEARCH)
        .field("content-type", "application/grpc")
        .field("te", "trailers")
        .field("x-scope-orgid", Surroundings.HOSTILE)
        .field("authorization", "Bearer " + around.hostileToken());
  }
}
