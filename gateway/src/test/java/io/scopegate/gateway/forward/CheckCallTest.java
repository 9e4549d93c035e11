package io.scopegate.gateway.forward;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import io.scopegate.config.ConfigLoader;
import io.scopegate.gateway.exchange.Budget;
import io.scopegate.gateway.exchange.LoopContext;
import io.scopegate.gateway.exchange.RecordingEnd;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What one check makes of an answer. */
class CheckCallTest {
  private static final String WELL = "well";

  private final EmbeddedChannel main = new EmbeddedChannel();
  private final LoopContext loop = new LoopContext(main.eventLoop(), new Budget(1 << 20, 10));
  private final RecordingEnd upstream = new RecordingEnd(loop);
  private final List<String> found = new ArrayList<>();

  @AfterEach
  void close() {
    main.close();
  }

  private CheckCall sent(boolean grpc) {
    return sent(grpc, "ab");
  }

  private CheckCall sent(boolean grpc, String service) {
    CheckCall call = new CheckCall(loop, grpc, why -> found.add(why == null ? WELL : why));
    HealthCheckConfig defaults = ConfigLoader.defaults(HealthCheckConfig.class);
    HealthCheckConfig config =
        new HealthCheckConfig(
            grpc ? HealthCheckConfig.Type.GRPC : HealthCheckConfig.Type.HTTP,
            defaults.path(),
            service,
            0,
            defaults.interval(),
            defaults.timeout(),
            1,
            1);
    call.send(upstream, config, false, "tempo:3200");
    return call;
  }

  private static Http2Headers status(String status) {
    return new DefaultHttp2Headers().status(status);
  }

  private static Http2Headers grpcStatus(String status) {
    return new DefaultHttp2Headers().add("grpc-status", status);
  }

  private void answer(CheckCall call, String grpcStatus, int... message) {
    call.head(status("200"), false);
    byte[] bytes = new byte[message.length];
    for (int i = 0; i < message.length; i++) {
      bytes[i] = (byte) message[i];
    }
    call.data(Unpooled.wrappedBuffer(bytes), false);
    call.trailers(grpcStatus(grpcStatus));
  }

  @Test
  void twoHundredIsWell() {
    sent(false).head(status("200"), true);
    assertThat(upstream.calls).containsExactly("head true");
    assertThat(found).containsExactly(WELL);
  }

  @Test
  void anyOtherStatusIsNot() {
    CheckCall call = sent(false);
    call.head(status("503"), false);
    assertThat(found).as("the connection is free at the end of the answer").isEmpty();
    call.data(Unpooled.wrappedBuffer(new byte[3]), true);
    assertThat(found).containsExactly("it answers 503");
  }

  @Test
  void aServiceMayHaveALongName() {
    String service = "x".repeat(300);
    sent(true, service);
    // 303 bytes: the field, 300 in seven bits at a time, the name
    assertThat(upstream.calls.get(1))
        .startsWith("\u0000\u0000\u0000\u0001/\n")
        .endsWith("\u0002" + service + " true")
        .hasSize(5 + 3 + 300 + " true".length());
  }

  @Test
  void aCallNamesTheServiceAndServingIsWell() {
    answer(sent(true), "0", 0, 0, 0, 0, 2, 0x08, 0x01);
    assertThat(upstream.calls)
        .containsExactly("head false", "\u0000\u0000\u0000\u0000\u0004\n\u0002ab true");
    assertThat(found).containsExactly(WELL);
  }

  @Test
  void notServingIsNot() {
    answer(sent(true), "0", 0, 0, 0, 0, 2, 0x08, 0x02);
    assertThat(found).containsExactly("it answers that it is not SERVING");
  }

  @Test
  void aServerWithoutTheServiceIsWellAndOtherStatusesAreNot() {
    sent(true).head(status("200").add("grpc-status", "12"), true);
    sent(true).head(status("200").add("grpc-status", "14"), true);
    sent(true).head(status("200"), true);
    assertThat(found).containsExactly(WELL, "it answers gRPC status 14", "it does not speak gRPC");
  }

  @Test
  void whoGivesUpCancelsOnceAndHearsNothingMore() {
    CheckCall call = sent(false);
    call.giveUp("no answer within 1s");
    call.giveUp("again");
    call.reset(0);
    assertThat(found).containsExactly("no answer within 1s");
    assertThat(upstream.calls).containsExactly("head true", "reset 8");
  }
}
