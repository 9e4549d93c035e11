package io.scopegate.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ValueTypesTest {
  @ParameterizedTest
  @CsvSource({
    "0, 0, 0B",
    "1B, 1, 1B",
    "64KB, 64000, 64KB",
    "64KiB, 65536, 64KiB",
    "15MB, 15000000, 15MB",
    "1.5MiB, 1572864, 1536KiB",
    "1GiB, 1073741824, 1GiB",
    "2TB, 2000000000000, 2TB",
    "1TiB, 1099511627776, 1TiB",
    "9223372036854775807, 9223372036854775807, 9223372036854775807B",
  })
  void readsSizes(String text, long bytes, String shortest) {
    assertThat(DataSize.parse(text).bytes()).isEqualTo(bytes);
    assertThat(DataSize.ofBytes(bytes)).hasToString(shortest);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "-1",
        "1 MB",
        "1mb",
        "1kB",
        "MB",
        "0.5B",
        "1.0001KB",
        "9223372036854775808",
        "9000000000000TB",
        "1e3",
        "\u0661"
      })
  void refusesWhatIsNoSize(String text) {
    assertThatIllegalArgumentException().isThrownBy(() -> DataSize.parse(text));
  }

  @ParameterizedTest
  @CsvSource({
    "250ms,250,250ms",
    "0s,0,0s",
    "30s,30000,30s",
    "90s,90000,90s",
    "5m,300000,5m",
    "1h,3600000,1h",
    "24h,86400000,1d",
    "7d,604800000,7d"
  })
  void readsDurations(String text, long millis, String largest) {
    assertThat(DurationText.parse(text)).isEqualTo(Duration.ofMillis(millis));
    assertThat(DurationText.format(Duration.ofMillis(millis))).isEqualTo(largest);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "5",
        "-5s",
        "1.5s",
        "5 s",
        "5S",
        "1h30m",
        "PT5S",
        "36501d",
        "9223372036854775807d",
        "9999999999999999999s"
      })
  void refusesWhatIsNoDuration(String text) {
    assertThatIllegalArgumentException().isThrownBy(() -> DurationText.parse(text));
  }

  @ParameterizedTest
  @CsvSource({
    "0.0.0.0:4317,0.0.0.0,4317",
    "[::]:80,::,80",
    "[fe80::1%eth0]:1,fe80::1%eth0,1",
    "localhost:0,localhost,0",
    "a.b-c.svc:65535,a.b-c.svc,65535",
    "[::ffff:1.2.3.4]:1,::ffff:1.2.3.4,1"
  })
  void readsAddresses(String text, String host, int port) {
    assertThat(HostPort.parse(text)).isEqualTo(new HostPort(host, port)).hasToString(text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "4317",
        ":4317",
        "a:",
        "a:-1",
        "a:65536",
        "a:123456",
        "::1:80",
        "[::1]",
        "[a]:1",
        "[1:2]:3",
        "1.2.3:4",
        "1.2.3.256:1",
        "01.2.3.4:1",
        "-a:1",
        "a b:1",
        "a..b:1",
        "a/b:1",
        "[::1]x:1",
        "[1::2::3]:1",
        "[1:2:3:4:5:6:7:8:9]:1",
        "[1:2:3:4:5:6:7::8]:1",
        "[12345::]:1"
      })
  void refusesWhatIsNoAddress(String text) {
    assertThatIllegalArgumentException().isThrownBy(() -> HostPort.parse(text));
  }

  @ParameterizedTest
  @ValueSource(strings = {"tempo:80", "http://tempo", "tempo/", "", "a:b", "[::1", "10.0.0"})
  void refusesWhatIsNoHost(String text) {
    assertThatIllegalArgumentException().isThrownBy(() -> Host.parse(text));
  }

  @Test
  void readsHosts() {
    assertThat(Host.parse("tempo.monitoring.svc.")).hasToString("tempo.monitoring.svc.");
    assertThat(Host.parse("::1")).hasToString("[::1]");
    assertThat(Host.parse("[::1]").name()).isEqualTo("::1");
  }

  @Test
  void aSecretShowsItselfToNobody() {
    Secret secret = Secret.parse("hush");

    assertThat(secret).hasToString("********").isEqualTo(Secret.parse("hush"));
    assertThat(secret).isNotEqualTo(Secret.parse("hush!"));
    assertThat(secret.reveal()).isEqualTo("hush");
  }

  @ParameterizedTest
  @CsvSource({"upstreem,upstream", "upstrem,upstream", "max_entries,maxEntries", "tpye,type"})
  void theNearestWordIsFound(String word, String nearest) {
    assertThat(Nearest.to(word, List.of("upstream", "maxEntries", "type", "tls")))
        .hasValue(nearest);
  }

  @Test
  void nothingIsNearToWhatIsFar() {
    assertThat(Nearest.to("kubernetes", List.of("upstream", "tls"))).isEmpty();
    assertThat(Nearest.to("x".repeat(10_000), List.of("x".repeat(9_999)))).isEmpty();
  }
}
