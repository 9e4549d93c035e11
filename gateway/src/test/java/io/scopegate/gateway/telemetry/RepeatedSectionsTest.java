package io.scopegate.gateway.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.AsciiString;
import io.scopegate.gateway.json.JsonBytes;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class RepeatedSectionsTest {
  private static final long MILLIS = 1_767_225_600_000L;

  private final JsonAccessLine line = new JsonAccessLine();
  private int written;

  private static String line(JsonAccessLine line, RequestRecord t) {
    JsonBytes out = new JsonBytes(64);
    line.append(t, MILLIS, out);
    return new String(out.toByteArray(), StandardCharsets.UTF_8);
  }

  private static RequestRecord record(String client, CharSequence path, String tenant) {
    RequestRecord t = new RequestRecord("otlp", client, true, "HTTP/2", 0);
    t.asked("id", "POST", path);
    t.tenant = tenant;
    t.user = "system:serviceaccount:otel:collector";
    t.status = 200;
    return t;
  }

  @Test
  void everyLineIsWhatItWouldBeWithoutOthersBefore() {
    Random random = new Random(20261129);
    for (int i = 0; i < 20_000; i++) {
      String path =
          "/path/" + random.nextInt(40) + (i % 50 == 0 ? "/\"long" + "g".repeat(300) : "");
      RequestRecord t =
          record(
              "192.0.2.1:" + random.nextInt(20),
              i % 2 == 0 ? path : AsciiString.of(path),
              "tenant-" + random.nextInt(3));
      t.bytesIn = i;

      assertThat(line(line, t)).isEqualTo(line(new JsonAccessLine(), t));
    }
  }

  @Test
  void eachFieldOfItTellsTwoApart() {
    List<RequestRecord> all = new ArrayList<>();
    all.add(with("otlp", true, "HTTP/2", t -> {}));
    all.add(with("query", true, "HTTP/2", t -> {}));
    all.add(with("otlp", false, "HTTP/2", t -> {}));
    all.add(with("otlp", true, "HTTP/1.1", t -> {}));
    all.add(with("otlp", true, "HTTP/2", t -> t.user = "jane"));
    RequestRecord get = new RequestRecord("otlp", "192.0.2.1:5", true, "HTTP/2", 0);
    get.asked("id", "GET", "/v1/traces");
    all.add(get);
    for (int round = 0; round < 3; round++) {
      for (RequestRecord t : all) {
        for (int again = 0; again < 3; again++) {
          assertThat(line(line, t)).isEqualTo(line(new JsonAccessLine(), t));
        }
      }
    }
  }

  private static RequestRecord with(
      String listener, boolean tls, String protocol, Consumer<RequestRecord> more) {
    RequestRecord t = new RequestRecord(listener, "192.0.2.1:5", tls, protocol, 0);
    t.asked("id", "POST", "/v1/traces");
    more.accept(t);
    return t;
  }

  @Test
  void isWrittenTwiceAndThenCopied() {
    RepeatedSections sections = counted();
    for (int i = 0; i < 10; i++) {
      assertThat(appended(sections, record("192.0.2.1:5", "/v1/traces", "payments")))
          .isEqualTo("payments");
    }
    assertThat(written).isEqualTo(2);
  }

  @Test
  void aPathThatIsLongIsNotKept() {
    RepeatedSections sections = counted();
    for (int i = 0; i < 3; i++) {
      appended(sections, record("192.0.2.1:5", "/" + "x".repeat(256), "payments"));
    }
    assertThat(written).isEqualTo(3);
  }

  @Test
  void whatIsLongIsNotKept() {
    RepeatedSections sections = counted();
    for (int i = 0; i < 3; i++) {
      appended(sections, record("192.0.2.1:5", "/", "x".repeat(1_025)));
    }
    assertThat(written).isEqualTo(3);
  }

  private RepeatedSections counted() {
    return new RepeatedSections((t, out) -> {
      written++;
      out.text(t.tenant, 2_000);
    });
  }

  private static String appended(RepeatedSections sections, RequestRecord t) {
    JsonBytes out = new JsonBytes(4).raw('x');
    sections.append(t, out);
    return new String(out.toByteArray(1), StandardCharsets.UTF_8);
  }
}
