package io.scopegate.authz.http;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.any;
import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static com.github.tomakehurst.wiremock.client.WireMock.equalTo;
import static com.github.tomakehurst.wiremock.client.WireMock.getRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.postRequestedFor;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.wireMockConfig;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.tomakehurst.wiremock.WireMockServer;
import com.github.tomakehurst.wiremock.client.ResponseDefinitionBuilder;
import com.github.tomakehurst.wiremock.http.Fault;
import com.github.tomakehurst.wiremock.stubbing.Scenario;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class HttpCallTest {
  private static final int MAX_BYTES = 1000;

  private final WireMockServer server =
      new WireMockServer(wireMockConfig().dynamicPort().bindAddress("127.0.0.1"));
  private final ExecutorService threads = HttpThreads.create("test", 2);

  HttpCallTest() {
    server.start();
  }

  @AfterEach
  void stop() {
    threads.shutdownNow();
    server.stop();
  }

  private HttpCall send() throws NoSuchAlgorithmException {
    return send(HttpRequest.newBuilder());
  }

  private HttpCall send(HttpRequest.Builder builder) throws NoSuchAlgorithmException {
    HttpClient client =
        HttpClients.create(
            threads,
            Duration.ofSeconds(20),
            false,
            SSLContext.getDefault(),
            HttpClient.Builder.NO_PROXY);
    URI uri = URI.create(server.baseUrl() + "/document");
    HttpRequest request = builder.uri(uri).timeout(Duration.ofSeconds(20)).build();
    return HttpCall.send(client, request, MAX_BYTES);
  }

  private HttpAnswer ask(ResponseDefinitionBuilder answer) throws Exception {
    server.stubFor(any(anyUrl()).willReturn(answer));
    return answer(send());
  }

  private static HttpAnswer answer(HttpCall call) throws Exception {
    CompletableFuture<HttpAnswer> answered = new CompletableFuture<>();
    call.whenAnswered((answer, failure) -> {
      if (failure == null) {
        answered.complete(answer);
      } else {
        answered.completeExceptionally(failure);
      }
    });
    return answered.get(20, TimeUnit.SECONDS);
  }

  @Test
  void readsTheWholeAnswerWhateverItsStatus() throws Exception {
    HttpAnswer answer =
        ask(aResponse().withStatus(503).withHeader("Retry-After", "7").withBody("x".repeat(1000)));
    assertThat(answer.status()).isEqualTo(503);
    assertThat(answer.retryAfter()).isEqualTo("7");
    assertThat(answer.body().length()).isEqualTo(1000);
    assertThat(ask(aResponse()).retryAfter()).isEmpty();
  }

  @Test
  void aLongerAnswerIsAFailureHoweverItComes() {
    ResponseDefinitionBuilder longer = aResponse().withBody("x".repeat(1001));
    assertThatThrownBy(() -> ask(longer)).hasStackTraceContaining("longer than 1000 bytes");
    assertThatThrownBy(() -> ask(longer.withChunkedDribbleDelay(10, 10)))
        .hasStackTraceContaining("longer than 1000 bytes");
  }

  @Test
  void followsNoRedirect() throws Exception {
    HttpAnswer answer = ask(aResponse().withStatus(302).withHeader("Location", "/elsewhere"));
    assertThat(answer.status()).isEqualTo(302);
    server.verify(1, getRequestedFor(anyUrl()));
  }

  @ParameterizedTest
  @EnumSource(Fault.class)
  void whatBreaksIsAFailure(Fault fault) {
    assertThatThrownBy(() -> ask(aResponse().withFault(fault)))
        .isInstanceOf(ExecutionException.class)
        .satisfies(e -> assertThat(HttpFailures.rootCause(e)).isInstanceOf(IOException.class));
  }

  /** A review, which the JDK's client does not send again by itself. */
  private HttpAnswer review() throws Exception {
    return answer(
        send(HttpRequest.newBuilder().POST(HttpRequest.BodyPublishers.ofString("review"))));
  }

  @Test
  void isSentOnceMoreWhenTheConnectionWasClosedBeforeTheAnswerBegan() throws Exception {
    server.stubFor(
        any(anyUrl())
            .inScenario("stale")
            .whenScenarioStateIs(Scenario.STARTED)
            .willSetStateTo("fresh")
            .willReturn(aResponse().withFault(Fault.EMPTY_RESPONSE)));
    server.stubFor(
        any(anyUrl())
            .inScenario("stale")
            .whenScenarioStateIs("fresh")
            .willReturn(aResponse().withBody("decided")));
    assertThat(review().body()).hasToString("decided");
    server.verify(2, postRequestedFor(anyUrl()).withRequestBody(equalTo("review")));
  }

  @Test
  void isSentNoThirdTimeWhenConnectionsAreClosedEachTime() {
    server.stubFor(any(anyUrl()).willReturn(aResponse().withFault(Fault.EMPTY_RESPONSE)));
    assertThatThrownBy(this::review).hasStackTraceContaining("received no bytes");
    server.verify(2, postRequestedFor(anyUrl()));
  }

  @Test
  void isNotSentAgainWhenTheAnswerHadBegun() {
    server.stubFor(any(anyUrl()).willReturn(aResponse().withFault(Fault.MALFORMED_RESPONSE_CHUNK)));
    assertThatThrownBy(this::review).isInstanceOf(ExecutionException.class);
    server.verify(1, postRequestedFor(anyUrl()));
  }

  @Test
  void whatIsGivenUpEndsAtOnce() throws Exception {
    server.stubFor(any(anyUrl()).willReturn(aResponse().withFixedDelay(60_000)));
    HttpCall call = send();
    call.cancel();
    assertThatThrownBy(() -> answer(call)).isInstanceOf(Exception.class);
  }

  @Test
  void aGoAwayIsToldByItsWords() {
    assertThat(HttpFailures.isGoAway(new IOException("/127.0.0.1:1: GOAWAY received"))).isTrue();
    assertThat(HttpFailures.isGoAway(new RuntimeException(new IOException("GOAWAY")))).isTrue();
    assertThat(HttpFailures.isGoAway(new IOException("Connection reset"))).isFalse();
    assertThat(HttpFailures.isGoAway(new IOException())).isFalse();
  }
}
