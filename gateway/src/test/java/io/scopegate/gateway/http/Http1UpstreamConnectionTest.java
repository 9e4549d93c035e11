package io.scopegate.gateway.http;

import static io.scopegate.gateway.http.RecordingHandler.SECOND;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.scopegate.gateway.exchange.PendingEnd;
import io.scopegate.gateway.exchange.StreamEnd;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Its clients speak HTTP/1.1, too: what they get shows what came. */
class Http1UpstreamConnectionTest implements Http1UpstreamConnection.Owner {
  private final EmbeddedChannel wire = new EmbeddedChannel();
  private final EmbeddedChannel clientWire = new EmbeddedChannel();
  private final RecordingHandler handler = new RecordingHandler(wire);
  private final List<String> told = new ArrayList<>();
  private boolean resends;
  private final Http1UpstreamConnection connection =
      Http1UpstreamConnection.addTo(
          wire.pipeline(),
          handler.loop,
          this,
          RecordingHandler.LIMITS,
          new UpstreamLife(60 * SECOND, 90 * SECOND));

  @Override
  public void idle(Http1UpstreamConnection c) {
    told.add("idle");
  }

  @Override
  public void gone(Http1UpstreamConnection c) {
    told.add("gone");
  }

  @Override
  public void sent() {}

  @Override
  public void answered() {}

  @Override
  public void failed(Failure why) {
    told.add("failed " + why);
  }

  @Override
  public boolean mayResend(StreamEnd client, Failure why) {
    return resends;
  }

  @Override
  public void resend(StreamEnd client, SentRequest request) {
    told.add("again " + request.head().path());
    request.sendOver(new PendingEnd(handler.loop), client);
    client.fail(RecordingHandler.refusal());
  }

  @BeforeEach
  void speakHttp1() {
    Http1ServerConnection.addTo(
        clientWire.pipeline(), handler.loop, handler, handler.http1, RecordingHandler.LIMITS);
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

  /** The request goes out over the connection. */
  private void forward(String request) {
    handler.onRequest =
        u -> {
          StreamEnd client = u.exchange.client();
          PendingEnd pending = new PendingEnd(handler.loop);
          pending.link(client);
          pending.head(u.head, u.end);
          pending.handOver(connection.newSide(null));
        };
    clientWire.writeInbound(Unpooled.copiedBuffer(request, StandardCharsets.US_ASCII));
  }

  private void upstreamSends(String text) {
    wire.writeInbound(Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII));
  }

  private String written(EmbeddedChannel channel) {
    wire.runPendingTasks();
    clientWire.runPendingTasks();
    StringBuilder all = new StringBuilder();
    for (ByteBuf b; (b = channel.readOutbound()) != null; ) {
      all.append(b.toString(StandardCharsets.US_ASCII));
      b.release();
    }
    return all.toString();
  }

  private static final String GET = "GET /x HTTP/1.1\r\nHost: a\r\n\r\n";

  @Test
  void forwardsAndIsFreeAgain() {
    forward("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi");
    assertThat(written(wire)).startsWith("POST /x HTTP/1.1\r\n").endsWith("\r\n\r\nhi");
    assertThat(connection.usable()).isFalse();

    upstreamSends("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    assertThat(written(clientWire)).startsWith("HTTP/1.1 200 OK\r\n").endsWith("ok");
    assertThat(connection.usable()).isTrue();
    assertThat(told).containsExactly("idle");
  }

  @Test
  void sendsARequestOnceMoreThatMetTheEndOfAKeptConnection() {
    forward(GET);
    upstreamSends("HTTP/1.1 204 No Content\r\n\r\n");
    forward(GET);
    resends = true;
    wire.close();

    assertThat(told).containsExactly("idle", "gone", "failed STALE", "again /x");
  }

  @Test
  void failsARequestThatMetTheEndOfANewConnection() {
    forward(GET);
    wire.close();

    assertThat(told).containsExactly("gone", "failed LOST");
    assertThat(written(clientWire)).startsWith("HTTP/1.1 503");
  }

  @Test
  void closesWhenItsAnswerIsCompleteBeforeTheRequest() {
    forward("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhi");
    upstreamSends("HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno");

    assertThat(wire.isOpen()).isFalse();
    assertThat(written(clientWire)).startsWith("HTTP/1.1 413").endsWith("no");
  }

  @Test
  void closesWhenItsClientIsGone() {
    forward(GET);
    clientWire.close();

    assertThat(wire.isOpen()).isFalse();
  }

  @Test
  void closesOnAnAnswerNobodyAskedFor() {
    upstreamSends("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");

    assertThat(wire.isOpen()).isFalse();
  }

  @Test
  void takesNoPseudoHeaderForAFieldThatConnectionNames() {
    forward(GET);
    upstreamSends(
        "HTTP/1.1 200 OK\r\nConnection: :status, x-hop\r\nX-Hop: 1\r\n"
            + "Content-Length: 0\r\n\r\n");

    assertThat(written(clientWire)).startsWith("HTTP/1.1 200 OK").doesNotContain("x-hop");
  }

  @Test
  void passesOnInterimAnswersAndTrailers() {
    forward(GET);
    upstreamSends("HTTP/1.1 103 Early Hints\r\nLink: l\r\n\r\n");
    upstreamSends(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nx-sum: 1\r\n\r\n");

    assertThat(written(clientWire))
        .contains("HTTP/1.1 103")
        .contains("2\r\nok\r\n0\r\nx-sum: 1\r\n\r\n");
  }

  @Test
  void closesWhenNobodyHasUsedItForLong() {
    connection.sweep(System.nanoTime() + 59 * SECOND);
    assertThat(wire.isOpen()).isTrue();

    connection.sweep(System.nanoTime() + 61 * SECOND);
    assertThat(wire.isOpen()).isFalse();
  }

  @Test
  void aBadAnswerIsNotPassedOnWhenTheRequestGoesElsewhere() {
    resends = true;
    forward(GET);
    upstreamSends("HTTP/1.1 503 Ill\r\nContent-Length: 2\r\n\r\nno");

    assertThat(told).containsExactly("failed BAD_ANSWER", "again /x", "idle");
    assertThat(written(clientWire)).doesNotContain("Ill");
    assertThat(connection.usable()).isTrue();
  }

  @Test
  void whatSaysLaterIsPassedOn() {
    resends = true;
    forward(GET);
    upstreamSends("HTTP/1.1 503 Busy\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n");

    assertThat(told).containsExactly("idle");
    assertThat(written(clientWire)).startsWith("HTTP/1.1 503");
  }

  @Test
  void takesNoFurtherRequestWhenItIsOld() {
    connection.sweep(System.nanoTime() + 59 * SECOND);
    forward(GET);
    upstreamSends("HTTP/1.1 204 No Content\r\n\r\n");
    assertThat(wire.isOpen()).isTrue();

    connection.sweep(System.nanoTime() + 91 * SECOND);
    assertThat(wire.isOpen()).isFalse();
  }
}
