package io.scopegate.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.testkit.tempo.TempoStandIn;
import org.junit.jupiter.api.Test;

class RawHttp1IT {
  @Test
  void sendsExactlyWhatItIsGiven() throws Exception {
    try (TempoStandIn tempo = TempoStandIn.start();
        RawHttp1 raw = RawHttp1.connect(tempo.queryPort())) {
      String head = raw.write("GET /api/echo HTTP/1.1\r\nhost: x\r\n\r\n").readHead();

      assertThat(head).startsWith("HTTP/1.1 200 OK\r\n").endsWith("\r\n\r\n");
      assertThat(new String(raw.read(4))).isEqualTo("echo");

      assertThat(raw.write("nonsense\r\n\r\n").readHead()).startsWith("HTTP/1.0 400");
      assertThat(raw.isClosedByPeer()).isTrue();
    }
  }

  @Test
  void breaksOffInTheMiddle() throws Exception {
    try (TempoStandIn tempo = TempoStandIn.start()) {
      RawHttp1 raw = RawHttp1.connect(tempo.otlpHttpPort());
      raw.write("POST /v1/traces HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\nabc");
      tempo.received().await(request -> request.path().equals("/v1/traces"));

      raw.abort();

      assertThat(tempo.received().await(request -> request.cancelled()).answered()).isFalse();
    }
  }
}
