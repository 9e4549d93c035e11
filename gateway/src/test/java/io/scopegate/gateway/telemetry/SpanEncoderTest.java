package io.scopegate.gateway.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Status;
import io.scopegate.gateway.MarkdownTable;
import io.scopegate.gateway.answer.Refusal;
import io.scopegate.gateway.answer.Refusal.Reason;
import io.scopegate.gateway.otlp.ProtoBytes;
import io.scopegate.testkit.otlp.OtlpReceiver;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class SpanEncoderTest {
  private static final long END = 1_700_000_000_000_000_000L;

  private static Span span(RequestRecord t) {
    RequestTrace trace = RequestRecords.trace();
    ProtoBytes out = new ProtoBytes(1);
    new SpanEncoder(true)
        .encode(new SpanEncoder.Ended(t, trace, trace.parent, Outcome.of(t), END), out);
    try {
      return Span.parseFrom(out.toByteArray());
    } catch (com.google.protobuf.InvalidProtocolBufferException e) {
      throw new AssertionError(e);
    }
  }

  private static Map<String, String> attributes(RequestRecord t) {
    return OtlpReceiver.attributes(span(t).getAttributesList());
  }

  private static RequestRecord full(RequestRecord t) {
    t.stale = true;
    t.aborted = true;
    t.retries = 2;
    t.server = new InetSocketAddress("127.0.0.1", 3200);
    Refusal refusal = Refusal.of(Reason.FORBIDDEN, "authorization: no");
    t.refusal = refusal;
    return t;
  }

  @Test
  void thePageListsEveryAttributeAndNoOther() {
    Set<String> written = new TreeSet<>();
    written.addAll(attributes(full(RequestRecords.search())).keySet());
    written.addAll(attributes(full(RequestRecords.export())).keySet());
    RequestRecord waived = RequestRecords.search();
    waived.waived = Refusal.of(Reason.FORBIDDEN, "authorization: no");
    written.addAll(attributes(waived).keySet());
    RequestRecord overLimit = RequestRecords.search();
    overLimit.overLimit = Refusal.of(Reason.LIMITED, "limits: too many");
    written.addAll(attributes(overLimit).keySet());

    Set<String> documented =
        MarkdownTable.rows("reference/tracing.md", "Attribute").stream()
            .flatMap(row -> Arrays.stream(row.get(0).split(",")))
            .map(String::strip)
            .collect(Collectors.toCollection(TreeSet::new));
    assertThat(written).isEqualTo(documented);
  }

  @Test
  void itTakesAsLongAsTheRequest() {
    Span span = span(RequestRecords.search());
    assertThat(span.getEndTimeUnixNano()).isEqualTo(END);
    assertThat(span.getStartTimeUnixNano()).isEqualTo(END - 3_250_999);
  }

  @Test
  void severalTextsOfOneRequestAreToldOnce() {
    RequestRecord t = full(RequestRecords.search());
    t.waived = t.refusal;
    t.overLimit = Refusal.of(Reason.LIMITED, "limits: too many");
    assertThat(attributes(t)) // which fails for a key that is there twice
        .containsEntry("scopegate.detail", "authorization: no")
        .containsEntry("scopegate.would_limit", "limited");
  }

  @ParameterizedTest
  @CsvSource({
    "200,-1,false,false",
    "404,-1,false,false",
    "499,-1,false,false",
    "500,-1,false,true",
    "503,-1,false,true",
    "200,0,false,false",
    "200,2,false,true",
    "200,3,false,false",
    "200,7,false,false",
    "200,14,false,true",
    "200,0,true,true",
    "0,-1,false,false"
  })
  void whatTheClientDidWrongIsNoError(int status, int grpc, boolean aborted, boolean error) {
    RequestRecord t = RequestRecords.search();
    t.status = status;
    t.grpcStatus = grpc;
    t.aborted = aborted;
    Span span = span(t);
    assertThat(span.getStatus().getCode() == Status.StatusCode.STATUS_CODE_ERROR).isEqualTo(error);
    assertThat(OtlpReceiver.attributes(span.getAttributesList()).containsKey("error.type"))
        .isEqualTo(error);
  }

  @Test
  void whatNobodyKnowsHasNoNameOfTheClients() {
    RequestRecord t = new RequestRecord("query", "[2001:db8::1]:40404", false, "HTTP/1.1", 0);
    t.asked("1", "STEAL", "/etc/\u0000\ud800passwd");
    t.refusal = Refusal.of(Reason.NOT_FOUND, "no such endpoint");
    Span span = span(t);
    assertThat(span.getName()).isEqualTo("HTTP");
    assertThat(OtlpReceiver.attributes(span.getAttributesList()))
        .containsEntry("http.request.method", "_OTHER")
        .containsEntry("client.address", "2001:db8::1")
        .containsEntry("client.port", "40404")
        .containsEntry("url.path", "/etc/\u0000\ufffdpasswd")
        .doesNotContainKey("scopegate.step");
  }
}
