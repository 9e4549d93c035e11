package io.scopegate.authz.decision;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class VerificationKeyTest {
  private static final Signer EC = Signer.ec("ec");

  private static List<VerificationKey> read(JsonObject... jwks) throws IOException {
    JsonObject set = new JsonObject().put("keys", new JsonArray(List.of(jwks)));
    return VerificationKey.readSet(set.toBuffer().getBytes());
  }

  @Test
  void readsEveryKind() throws IOException {
    Signer rsa = Signer.rsa("rsa");
    Signer ed = Signer.ed("ed");
    assertThat(VerificationKey.readSet(Signer.set(rsa, EC, ed).toBuffer().getBytes()))
        .containsExactly(rsa.key(), EC.key(), ed.key());
  }

  @Test
  void leavesOutWhatIsForSomethingElseOrUnsound() throws IOException {
    JsonObject secret =
        new JsonObject().put("kty", "oct").put("k", "A".repeat(43)).put("kid", "oct");
    JsonObject offCurve = EC.jwk().put("y", EC.jwk().getString("x"));
    assertThat(
            read(
                EC.jwk().put("use", "enc"),
                EC.jwk().put("key_ops", new JsonArray().add("encrypt")),
                EC.jwk().put("alg", "HS256"),
                EC.jwk().put("alg", "RS256"),
                EC.jwk().put("kid", 7),
                EC.jwk().put("kty", "XX"),
                EC.jwk().put("d", "A".repeat(43)),
                Signer.rsa("weak", 1024).jwk(),
                secret,
                offCurve,
                new JsonObject(),
                EC.jwk()))
        .containsExactly(EC.key());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{}",
        "[]",
        "null",
        "{\"keys\":{}}",
        "{\"keys\":[]}",
        "{\"keys\":[7,null,\"a\"]}",
        "{\"keys\":[{\"kty\":\"RSA\"}]}",
        "<html>",
        "{\"keys\":[]"
      })
  void refusesWhatIsNoSetOrHasNoKey(String json) {
    assertThatThrownBy(() -> VerificationKey.readSet(Signer.bytes(json)))
        .isInstanceOf(IOException.class);
  }

  @Test
  void refusesAFloodOfKeys() {
    JsonArray many = new JsonArray();
    for (int i = 0; i < 101; i++) {
      many.add(EC.jwk().put("kid", "k" + i));
    }
    byte[] set = new JsonObject().put("keys", many).toBuffer().getBytes();
    assertThatThrownBy(() -> VerificationKey.readSet(set)).hasMessageContaining("more than 100");
  }
}
