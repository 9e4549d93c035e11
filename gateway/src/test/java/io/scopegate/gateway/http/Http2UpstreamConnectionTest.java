package io.scopegate.gateway.http;

import static io.scopegate.gateway.http.FramePeer.head;
import static io.scopegate.gateway.http.RecordingHandler.SECOND;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import io.scopegate.gateway.exchange.PendingEnd;
import io.scopegate.gateway.exchange.StreamEnd;
import io.scopegate.gateway.route.EndpointTable;
import io.scopegate.gateway.route.Protocol;
import io.scopegate.gateway.route.Routed;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Its clients speak HTTP/2, too: what they get shows what came. */
class Http2UpstreamConnectionTest implements Http2UpstreamConnection.Owner {
  private static final Routed EXPORT =
      EndpointTable.of(List.of(Set.of(Protocol.OTLP_GRPC)))
          .route(
              "POST",
              "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
              "application/grpc",
              true);
  private static final int MAX_CONCURRENT_STREAMS = 3;
  private static final int INTERNAL_ERROR = 2;

  private final EmbeddedChannel wire = new EmbeddedChannel();
  private final EmbeddedChannel clientWire = new EmbeddedChannel();
  private final RecordingHandler handler = new RecordingHandler(wire);
  private final FramePeer upstream = new FramePeer(wire);
  private final FramePeer client = new FramePeer(clientWire);
  private final List<String> told = new ArrayList<>();
  private final Http2UpstreamConnection connection =
      Http2UpstreamConnection.create(handler.loop, this, RecordingHandler.LIMITS, 60 * SECOND);

  @Override
  public void ready(Http2UpstreamConnection c) {
    told.add("ready");
  }

  @Override
  public void roomFor(Http2UpstreamConnection c) {
    told.add("room");
  }

  @Override
  public void gone(Http2UpstreamConnection c) {
    told.add("gone");
  }

  @BeforeEach
  void speakHttp2() {
    wire.pipeline().addLast(connection);
    upstream.skipPreface().settings(MAX_CONCURRENT_STREAMS, 2).ack();
    clientWire
        .pipeline()
        .addLast(
            Http2ServerConnection.create(
                handler.loop, handler, handler.http2, RecordingHandler.LIMITS));
    client.preface().settings().ack();
    upstream.received();
    client.received();
    handler.onRequest =
        u -> {
          StreamEnd end = u.exchange.client();
          PendingEnd pending = new PendingEnd(handler.loop);
          pending.link(end);
          pending.head(u.head, u.end);
          pending.handOver(connection.newSide());
        };
  }

  @AfterEach
  void close() {
    RecordingHandler.lose(clientWire);
    RecordingHandler.lose(wire);
    clientWire.finishAndReleaseAll();
    wire.finishAndReleaseAll();
    handler.close();
    assertThat(handler.loop.exchanges()).isZero();
    assertThat(handler.loop.upstreams()).isZero();
  }

  private void forward(int id) {
    client.headers(id, head("GET", "/x"), true);
  }

  private List<String> toClient() {
    wire.runPendingTasks();
    return client.received();
  }

  private static Http2Headers ok() {
    return new DefaultHttp2Headers().status("200");
  }

  @Test
  void forwardsAndHandsTheAnswerBackWithItsTrailers() {
    forward(1);
    assertThat(upstream.received()).anyMatch(f -> f.startsWith("HEADERS 3 end :method=GET"));

    upstream.headers(3, ok(), false).data(3, "hello", false);
    upstream.headers(3, new DefaultHttp2Headers().add("grpc-status", "0"), true);
    assertThat(toClient())
        .containsExactly("HEADERS 1 :status=200", "DATA 1 hello", "HEADERS 1 end grpc-status=0");
    assertThat(told).containsExactly("ready", "room");
  }

  @Test
  void opensNoMoreStreamsThanItsPeerTakes() {
    forward(1);
    assertThat(connection.canOpen()).isTrue();
    forward(3);
    assertThat(connection.canOpen()).isFalse();

    upstream.headers(3, ok(), true);
    assertThat(connection.canOpen()).isTrue();
  }

  @Test
  void cancelsWhatTheClientGivesUp() {
    forward(1);
    upstream.received();
    client.reset(1, (int) StreamEnd.CANCEL);

    assertThat(upstream.received()).contains("RST 3 " + StreamEnd.CANCEL);
  }

  @Test
  void passesOnAResetButTellsACollectorToTryAgain() {
    forward(1);
    upstream.reset(3, INTERNAL_ERROR);
    assertThat(toClient()).containsExactly("RST 1 " + INTERNAL_ERROR);

    forward(3);
    handler.last().exchange.routed(EXPORT, trailers -> {});
    upstream.reset(5, INTERNAL_ERROR);
    assertThat(toClient()).anyMatch(f -> f.contains("grpc-status=14"));
  }

  @Test
  void failsOnlyTheStreamsThatGoAwayLeavesOut() {
    forward(1);
    forward(3);
    upstream.goAway(3);

    assertThat(toClient()).hasSize(2).anyMatch(f -> f.startsWith("HEADERS 3 :status=503"));
    assertThat(connection.canOpen()).isFalse();
    assertThat(told).contains("gone");

    upstream.headers(3, ok(), true);
    assertThat(toClient()).containsExactly("HEADERS 1 end :status=200");
    wire.runPendingTasks();
    assertThat(wire.isOpen()).isFalse();
  }

  @Test
  void failsWhatRunsWhenTheConnectionIsLost() {
    forward(1);
    RecordingHandler.lose(wire);

    assertThat(toClient()).anyMatch(f -> f.startsWith("HEADERS 1 :status=503"));
    assertThat(told).containsExactly("ready", "gone");
  }

  @Test
  void isForgottenWhenItsConnectionWasNeverMade() {
    EmbeddedChannel never =
        new EmbeddedChannel() {
          @Override
          public boolean isActive() {
            return false;
          }
        };
    Http2UpstreamConnection one =
        Http2UpstreamConnection.create(handler.loop, this, RecordingHandler.LIMITS, 0);
    never.pipeline().addLast(one);
    int before = handler.loop.upstreams();
    never.pipeline().remove(one);

    assertThat(handler.loop.upstreams()).isEqualTo(before - 1);
  }

  @Test
  void goesWhenNobodyHasUsedItForLong() {
    connection.sweep(System.nanoTime() + 59 * SECOND);
    assertThat(wire.isOpen()).isTrue();

    connection.sweep(System.nanoTime() + 61 * SECOND);
    wire.runPendingTasks();
    assertThat(wire.isOpen()).isFalse();
  }
}
