package io.scopegate.gateway.tls;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.testkit.TestCa;
import org.junit.jupiter.api.Test;

final class ServerNamesTest {
  @Test
  void aNameItselfGoesBeforeAWildcardWhichStandsForOneLabel() {
    ServerNames<String> names = new ServerNames<>();
    assertThat(names.add("*.example.com", "wildcard")).isNull();
    assertThat(names.add("a.example.com", "exact")).isNull();
    assertThat(names.add("*.example.com", "other")).isEqualTo("wildcard");

    assertThat(names.find("a.example.com")).isEqualTo("exact");
    assertThat(names.find("b.example.com")).isEqualTo("wildcard");
    assertThat(names.find("b.a.example.com")).isNull();
    assertThat(names.find("example.com")).isNull();
    assertThat(names.find(".example.com")).isEqualTo("wildcard");
    assertThat(names.find("localhost")).isNull();
    assertThat(names.find("")).isNull();
  }

  @Test
  void theNamesOfACertificateAreItsDnsNamesOnly() {
    TestCa ca = TestCa.create();

    assertThat(ServerNames.of(ca.named("A.example.com", "*.B.example.com").certificate()))
        .containsExactly("a.example.com", "*.b.example.com");
    assertThat(ServerNames.of(ca.server().certificate())).containsExactly("localhost");
    assertThat(ServerNames.of(ca.client("jane").certificate())).isEmpty();
  }
}
