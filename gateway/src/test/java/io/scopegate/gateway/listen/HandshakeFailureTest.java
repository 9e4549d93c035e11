package io.scopegate.gateway.listen;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.channels.ClosedChannelException;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class HandshakeFailureTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          error:10000416:SSL routines:OPENSSL_internal:SSLV3_ALERT_CERTIFICATE_UNKNOWN | does not accept this listener's certificate
          error:10000418:SSL routines:OPENSSL_internal:TLSV1_ALERT_UNKNOWN_CA | does not accept this listener's certificate
          Received fatal alert: unknown_ca | does not accept this listener's certificate
          error:10000070:SSL routines:OPENSSL_internal:BAD_PACKET_LENGTH | most likely because it does not accept this listener's certificate
          error:10000412:SSL routines:OPENSSL_internal:SSLV3_ALERT_HANDSHAKE_FAILURE | the client ended the TLS handshake
          error:100000f0:SSL routines:OPENSSL_internal:UNSUPPORTED_PROTOCOL | the client offers no TLS version
          something new | the TLS handshake failed
          """)
  void saysWhatAnOperatorCanActOn(String message, String words) {
    assertThat(HandshakeFailure.words(new SSLHandshakeException(message))).contains(words);
  }

  @Test
  void aClientThatGoesIsNoFailureOfItsOwn() {
    assertThat(HandshakeFailure.words(new ClosedChannelException()))
        .isEqualTo("the client closed the connection during the TLS handshake");
    assertThat(HandshakeFailure.words(null)).isEqualTo("the TLS handshake failed");
  }
}
