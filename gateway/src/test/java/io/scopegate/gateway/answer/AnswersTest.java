package io.scopegate.gateway.answer;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.util.JsonFormat;
import com.google.rpc.RetryInfo;
import com.google.rpc.Status;
import io.netty.handler.codec.http2.Http2Headers;
import io.scopegate.gateway.answer.Refusal.Reason;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class AnswersTest {
  private static final String ID = "0123456789abcdef";

  @Test
  void problemsTellStatusTextReasonAndRequest() {
    Refusal refusal = Refusal.of(Reason.FORBIDDEN, "authorize: \"no\"\nrule: create traces");

    Reply reply = Answers.reply(refusal, Dialect.PROBLEM, false, ID);

    assertThat(reply.status()).isEqualTo(403);
    assertThat(reply.grpcStatus()).isEqualTo(-1);
    assertThat(reply.head().status()).hasToString("403");
    assertThat(header(reply.head(), "content-type")).isEqualTo("application/problem+json");
    assertThat(header(reply.head(), "x-request-id")).isEqualTo(ID);
    assertThat(header(reply.head(), "cache-control")).isEqualTo("no-store");
    assertThat(header(reply.head(), "content-length"))
        .isEqualTo(Integer.toString(reply.body().length));
    assertThat(new JsonObject(text(reply)))
        .isEqualTo(
            new JsonObject()
                .put("type", "about:blank")
                .put("title", "Forbidden")
                .put("status", 403)
                .put("detail", "authorize: \"no\"\nrule: create traces")
                .put("reason", "forbidden")
                .put("request_id", ID));
  }

  @Test
  void grpcAnswersAreTrailersOnlyWithHttp200() throws IOException {
    Refusal refusal =
        Refusal.retryable(Reason.UNDECIDED, "authenticate: 100 % unsure, später", 2_350);

    Reply reply = Answers.reply(refusal, Dialect.GRPC, true, ID);

    assertThat(reply.status()).isEqualTo(200);
    assertThat(reply.grpcStatus()).isEqualTo(14);
    assertThat(reply.body()).isEmpty();
    assertThat(reply.head().status()).hasToString("200");
    assertThat(header(reply.head(), "content-type")).isEqualTo("application/grpc");
    assertThat(reply.head().contains("content-length")).isFalse();
    assertThat(header(reply.head(), "x-request-id")).isEqualTo(ID);
    assertGrpc(reply.head(), refusal);
  }

  @Test
  void trailersEndAResponseThatHasBegun() throws IOException {
    Refusal refusal = Refusal.retryable(Reason.UNAVAILABLE, "upstream: connection lost", 1_000);

    Http2Headers trailers = Answers.grpcTrailers(refusal, true);

    assertThat(trailers.status()).isNull();
    assertThat(trailers.names()).hasSize(3);
    assertGrpc(trailers, refusal);
  }

  private static void assertGrpc(Http2Headers headers, Refusal refusal) throws IOException {
    assertThat(header(headers, "grpc-status")).isEqualTo("14");
    String message = header(headers, "grpc-message");
    assertThat(message).matches("[ -~]*");
    assertThat(URLDecoder.decode(message.replace("+", "%2B"), StandardCharsets.UTF_8))
        .isEqualTo(refusal.detail());
    String details = header(headers, "grpc-status-details-bin");
    assertThat(details).doesNotContain("=");
    assertStatus(Status.parseFrom(Base64.getDecoder().decode(details)), refusal);
  }

  private static void assertStatus(Status status, Refusal refusal) throws IOException {
    assertThat(status.getCode()).isEqualTo(14);
    assertThat(status.getMessage()).isEqualTo(refusal.detail());
    assertThat(status.getDetailsCount()).isEqualTo(1);
    RetryInfo retry = status.getDetails(0).unpack(RetryInfo.class);
    long millis =
        retry.getRetryDelay().getSeconds() * 1000 + retry.getRetryDelay().getNanos() / 1_000_000;
    assertThat(millis).isEqualTo(refusal.retryAfterMillis());
  }

  @Test
  void otlpAnswersAreAStatusInTheRequestsEncoding() throws IOException {
    Refusal refusal =
        Refusal.retryable(Reason.UNDECIDED, "authenticate: \"nobody\" answers", 2_001);

    Reply protobuf = Answers.reply(refusal, Dialect.OTLP_PROTOBUF, true, ID);
    Reply json = Answers.reply(refusal, Dialect.OTLP_JSON, true, ID);

    assertThat(header(protobuf.head(), "content-type")).isEqualTo("application/x-protobuf");
    assertThat(header(json.head(), "content-type")).isEqualTo("application/json");
    assertThat(protobuf.status()).isEqualTo(503);
    assertThat(header(protobuf.head(), "retry-after")).isEqualTo("2");
    Status read = Status.parseFrom(protobuf.body());
    assertStatus(read, refusal);
    Status.Builder fromJson = Status.newBuilder();
    JsonFormat.parser()
        .usingTypeRegistry(
            JsonFormat.TypeRegistry.newBuilder().add(RetryInfo.getDescriptor()).build())
        .merge(text(json), fromJson);
    assertThat(fromJson.build()).isEqualTo(read);
  }

  @ParameterizedTest
  @EnumSource(Reason.class)
  void protobufIsByteForByteWhatOthersWrite(Reason reason) throws IOException {
    Refusal refusal = Refusal.retryable(reason, "text: ünïcode", 1_500);

    byte[] body = Answers.reply(refusal, Dialect.OTLP_PROTOBUF, true, ID).body();

    assertThat(Status.parseFrom(body).toByteArray()).isEqualTo(body);
  }

  @ParameterizedTest
  @EnumSource(Reason.class)
  void whatIsNotTheClientsFaultIsRetryableOnIngest(Reason reason) {
    boolean fault =
        switch (reason) {
          case UNDECIDED, LIMITED, UNAVAILABLE, TOO_SLOW, BODY_TOO_SLOW, DEFECT -> false;
          default -> true;
        };
    Refusal refusal = Refusal.of(reason, "x");

    Reply http = Answers.reply(refusal, Dialect.OTLP_PROTOBUF, true, ID);
    Reply grpc = Answers.reply(refusal, Dialect.GRPC, true, ID);

    boolean httpRetried = http.status() == 429 || http.status() == 503 || http.status() == 504;
    boolean details = grpc.head().contains(Answers.GRPC_DETAILS);
    boolean grpcRetried =
        grpc.grpcStatus() == 14 || grpc.grpcStatus() == 4 || (grpc.grpcStatus() == 8 && details);
    assertThat(httpRetried).isEqualTo(!fault);
    assertThat(grpcRetried).isEqualTo(!fault);
  }

  @Test
  void waitsAreTheNearestWholeSecondsWithinReason() {
    assertThat(retryAfter(0)).isEqualTo("1");
    assertThat(retryAfter(1)).isEqualTo("1");
    assertThat(retryAfter(1_250)).isEqualTo("1");
    assertThat(retryAfter(1_499)).isEqualTo("1");
    assertThat(retryAfter(1_500)).isEqualTo("2");
    assertThat(retryAfter(600_000)).isEqualTo("30");
  }

  private static String retryAfter(long millis) {
    Refusal refusal = Refusal.retryable(Reason.LIMITED, "over the rate", millis);
    return header(Answers.reply(refusal, Dialect.PROBLEM, true, ID).head(), "retry-after");
  }

  @Test
  void finalAnswersCarryNoDelay() {
    Refusal refusal = Refusal.retryable(Reason.FORBIDDEN, "no", 5_000);

    assertThat(Answers.reply(refusal, Dialect.PROBLEM, false, ID).head().contains("retry-after"))
        .isFalse();
    assertThat(
            Answers.reply(refusal, Dialect.GRPC, false, ID).head().contains(Answers.GRPC_DETAILS))
        .isFalse();
  }

  @Test
  void challengesAndAllowedMethodsAreTold() {
    Refusal who = Refusal.of(Reason.UNAUTHENTICATED, "no token");
    Refusal how = new Refusal(Reason.METHOD_NOT_ALLOWED, "method", 0, "GET, DELETE");

    assertThat(header(Answers.reply(who, Dialect.PROBLEM, false, ID).head(), "www-authenticate"))
        .isEqualTo("Bearer realm=\"scopegate\"");
    assertThat(header(Answers.reply(how, Dialect.PROBLEM, false, ID).head(), "allow"))
        .isEqualTo("GET, DELETE");
  }

  @Test
  void longTextsAreCutBetweenCharacters() {
    String text = "x".repeat(998) + "😀".repeat(2_000);

    Reply reply = Answers.reply(Refusal.of(Reason.MALFORMED, text), Dialect.PROBLEM, false, ID);

    String detail = new JsonObject(text(reply)).getString("detail");
    assertThat(detail).isEqualTo("x".repeat(998) + "…");
  }

  @Test
  void namesStatuses() {
    assertThat(Answers.statusName(0)).isEqualTo("OK");
    assertThat(Answers.statusName(14)).isEqualTo("UNAVAILABLE");
    assertThat(Answers.statusName(16)).isEqualTo("UNAUTHENTICATED");
    assertThat(Answers.statusName(17)).isEqualTo("OTHER");
    assertThat(Answers.statusName(-1)).isEqualTo("OTHER");
  }

  private static String header(Http2Headers headers, String name) {
    CharSequence value = headers.get(name);
    return value == null ? "" : value.toString();
  }

  private static String text(Reply reply) {
    return new String(reply.body(), StandardCharsets.UTF_8);
  }
}
