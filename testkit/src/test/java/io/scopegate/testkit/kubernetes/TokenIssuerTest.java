package io.scopegate.testkit.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.RSAPublicKeySpec;
import java.util.Base64;
import org.junit.jupiter.api.Test;

class TokenIssuerTest {
  private final TokenIssuer issuer = new TokenIssuer("https://issuer.example");

  @Test
  void knowsItsOwnTokens() {
    String token = issuer.sign(new JsonObject().put("sub", "jane"));

    assertThat(issuer.claims(token))
        .hasValueSatisfying(claims ->
            assertThat(claims.getMap())
                .containsEntry("sub", "jane")
                .containsEntry("iss", "https://issuer.example"));
  }

  @Test
  void doesNotKnowOthers() {
    TokenIssuer twin = new TokenIssuer("https://issuer.example");
    String token = issuer.sign(new JsonObject().put("sub", "jane"));
    String[] parts = token.split("\\.");
    String none = encoded("{\"alg\":\"none\"}") + "." + parts[1] + ".";
    String changed = parts[0] + "." + encoded("{\"sub\":\"root\"}") + "." + parts[2];

    assertThat(issuer.claims(twin.sign(new JsonObject()))).isEmpty();
    assertThat(issuer.claims(issuer.sign(new JsonObject().put("iss", "other")))).isEmpty();
    assertThat(issuer.claims(none)).isEmpty();
    assertThat(issuer.claims(changed)).isEmpty();
    assertThat(issuer.claims("a.b.c")).isEmpty();
    assertThat(issuer.claims("")).isEmpty();
  }

  @Test
  void publishesTheKeyThatVerifies() throws Exception {
    JsonObject key = issuer.jwks().getJsonArray("keys").getJsonObject(0);
    PublicKey published =
        KeyFactory.getInstance("RSA")
            .generatePublic(new RSAPublicKeySpec(number(key, "n"), number(key, "e")));
    String token = issuer.sign(new JsonObject());
    int end = token.lastIndexOf('.');

    Signature signature = Signature.getInstance("SHA256withRSA");
    signature.initVerify(published);
    signature.update(token.substring(0, end).getBytes(StandardCharsets.US_ASCII));

    assertThat(signature.verify(Base64.getUrlDecoder().decode(token.substring(end + 1)))).isTrue();
  }

  private static BigInteger number(JsonObject key, String name) {
    return new BigInteger(1, Base64.getUrlDecoder().decode(key.getString(name)));
  }

  private static String encoded(String json) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(json.getBytes(StandardCharsets.UTF_8));
  }
}
