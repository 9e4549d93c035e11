package io.scopegate.authz.decision;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.scopegate.authz.TokenCheck;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.List;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The known attacks on signed tokens, with real keys. */
final class JwsTest {
  private static final Signer RSA = Signer.rsa("rsa");
  private static final Signer EC = Signer.ec("ec");
  private static final Signer ED = Signer.ed("ed");
  private static final String GOOD = "{\"iss\":\"i\",\"exp\":2000000000}";

  private static void assertRefused(String token, TokenCheck check) {
    assertThatThrownBy(() -> Jws.parse(token))
        .isInstanceOfSatisfying(TokenFlaw.class, flaw -> assertThat(flaw.check()).isEqualTo(check));
  }

  private static boolean isSigned(String token, Signer... keys) throws TokenFlaw {
    return Signer.keys("i", keys).signed(Jws.parse(token));
  }

  @Test
  void readsWhatARealKeySigned() throws TokenFlaw {
    for (Signer signer : List.of(RSA, EC, ED)) {
      String token = signer.sign(new JsonObject(GOOD).put("aud", "a"));
      Jws jws = Jws.parse(token);
      assertThat(jws.issuer()).isEqualTo("i");
      assertThat(jws.kid()).isEqualTo(signer.kid());
      assertThat(jws.expiryMillis()).isEqualTo(2_000_000_000_000L);
      assertThat(jws.audiences()).containsExactly("a");
      assertThat(isSigned(token, RSA, EC, ED)).isTrue();
      assertThat(jws.toString()).doesNotContain(token.substring(0, 10));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "none",
        "None",
        "NONE",
        "nOnE",
        "",
        "HS256",
        "HS384",
        "HS512",
        "ES256K",
        "RS1",
        "rs256",
        "dir",
        "RSA-OAEP",
        "PBES2-HS256+A128KW"
      })
  void refusesEveryAlgorithmThatIsNotAccepted(String alg) {
    String header = new JsonObject().put("alg", alg).put("kid", "rsa").encode();
    assertRefused(RSA.sign(header, GOOD), TokenCheck.ALGORITHM);
    assertRefused(Signer.encode(header) + "." + Signer.encode(GOOD) + ".", TokenCheck.ALGORITHM);
  }

  @ParameterizedTest
  @ValueSource(strings = {"{}", "{\"alg\":null}", "{\"alg\":256}", "{\"alg\":[\"RS256\"]}"})
  void refusesAHeaderWithoutAnAlgorithm(String header) {
    assertRefused(RSA.sign(header, GOOD), TokenCheck.ALGORITHM);
  }

  @Test
  void aPublicKeyIsNoSharedSecret() throws GeneralSecurityException {
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(RSA.publicKey(), "HmacSHA256"));
    String text = Signer.encode("{\"alg\":\"HS256\",\"kid\":\"rsa\"}") + "." + Signer.encode(GOOD);
    String signature = Signer.encode(mac.doFinal(text.getBytes(StandardCharsets.US_ASCII)));
    assertRefused(text + "." + signature, TokenCheck.ALGORITHM);
  }

  @Test
  void anAlgorithmMustFitTheKeyAndWhatTheKeyIsFor() throws TokenFlaw {
    assertThat(isSigned(EC.sign(RSA.header(), new JsonObject(GOOD)), RSA, EC, ED)).isFalse();
    assertThat(isSigned(RSA.sign(EC.header(), new JsonObject(GOOD)), RSA, EC, ED)).isFalse();
    // A good signature by a key that is for another algorithm.
    JsonObject header = RSA.header().put("alg", "PS256");
    assertThat(isSigned(RSA.sign(header, new JsonObject(GOOD)), RSA)).isFalse();
    Signer weak = Signer.rsa("weak", 1024);
    assertThat(isSigned(weak.sign(new JsonObject(GOOD)), weak)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "other",
        "../../../../dev/null",
        "rsa' OR '1'='1",
        "rsa\u0000",
        "file:///etc/passwd",
        "http://127.0.0.1/key",
        "|id",
        "RSA"
      })
  void aKeyIsFoundByItsExactNameOrNotAtAll(String kid) throws TokenFlaw {
    String token = RSA.sign(RSA.header().put("kid", kid), new JsonObject(GOOD));
    assertThat(isSigned(token, RSA)).isFalse();
  }

  @Test
  void withoutANameTheKeysThatFitAreTried() throws TokenFlaw {
    JsonObject header = RSA.header();
    header.remove("kid");
    assertThat(isSigned(RSA.sign(header, new JsonObject(GOOD)), EC, ED, RSA)).isTrue();
    assertThat(isSigned(RSA.sign(header, new JsonObject(GOOD)), EC, ED)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"jwk", "jku", "x5u", "x5c"})
  void keysThatATokenBringsAreNotLookedAt(String name) throws TokenFlaw {
    Signer stranger = Signer.ec("ec");
    JsonObject header = stranger.header();
    if (name.equals("jwk")) {
      header.put(name, stranger.jwk());
    } else {
      header.put(name, "https://127.0.0.1:1/keys");
    }
    assertThat(isSigned(stranger.sign(header, new JsonObject(GOOD)), EC)).isFalse();
  }

  @Test
  void zerosAreNoSignature() throws TokenFlaw {
    String text = Signer.encode(EC.header().encode()) + "." + Signer.encode(GOOD) + ".";
    for (int length : new int[] {0, 1, 32, 63, 64, 65, 70, 128}) {
      assertThat(isSigned(text + Signer.encode(new byte[length]), EC)).isFalse();
    }
  }

  @Test
  void aSignatureInAnotherFormIsNone() throws TokenFlaw {
    String token = EC.sign(new JsonObject(GOOD));
    int dot = token.lastIndexOf('.');
    byte[] p1363 = EC.signature(Signer.bytes(token.substring(0, dot)));
    byte[] longer = java.util.Arrays.copyOf(p1363, p1363.length + 1);
    assertThat(isSigned(token.substring(0, dot + 1) + Signer.encode(longer), EC)).isFalse();
  }

  @Test
  void everyChangedByteIsNoticed() throws TokenFlaw {
    String token = RSA.sign(new JsonObject(GOOD));
    String[] parts = token.split("\\.");
    String other = Signer.encode(GOOD.replace("\"i\"", "\"j\""));
    assertThat(isSigned(parts[0] + "." + other + "." + parts[2], RSA)).isFalse();
    String shorter = Signer.encode(new byte[255]);
    assertThat(isSigned(parts[0] + "." + parts[1] + "." + shorter, RSA)).isFalse();
  }

  @Test
  void refusesWhatIsCutPaddedOrStretched() {
    String token = RSA.sign(new JsonObject(GOOD));
    String[] parts = token.split("\\.");
    assertRefused(token.substring(0, token.length() - 1), TokenCheck.MALFORMED);
    assertRefused(token + "=", TokenCheck.MALFORMED);
    assertRefused(token + "==", TokenCheck.MALFORMED);
    assertRefused(parts[0] + "=." + parts[1] + "." + parts[2], TokenCheck.MALFORMED);
    assertRefused(parts[0] + "." + parts[1] + "\n." + parts[2], TokenCheck.MALFORMED);
    assertRefused(parts[0] + "." + parts[1] + " ." + parts[2], TokenCheck.MALFORMED);
    assertRefused(parts[0] + "+." + parts[1] + "." + parts[2], TokenCheck.MALFORMED);
    assertRefused(parts[0] + "/." + parts[1] + "." + parts[2], TokenCheck.MALFORMED);
    assertRefused("..", TokenCheck.MALFORMED);
    assertRefused("a.b.c", TokenCheck.MALFORMED);
    assertRefused(".." + parts[2], TokenCheck.MALFORMED);
    assertThat(Jws.looksLikeOne(parts[0] + "." + parts[1])).isFalse();
    assertThat(Jws.looksLikeOne(token + ".")).isFalse();
  }

  @Test
  void refusesStrayBitsInTheLastCharacter() {
    String token = RSA.sign(new JsonObject(GOOD));
    // 256 bytes leave 4 bits unused: any of them would make another text of the same signature.
    char last = token.charAt(token.length() - 1);
    String alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    char other = alphabet.charAt(alphabet.indexOf(last) + 1);
    assertRefused(token.substring(0, token.length() - 1) + other, TokenCheck.MALFORMED);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"alg\":\"RS256\",\"crit\":[\"exp\"],\"exp\":1}",
        "{\"alg\":\"RS256\",\"crit\":[]}",
        "{\"alg\":\"RS256\",\"b64\":false}",
        "{\"alg\":\"RS256\",\"b64\":true}",
        "{\"alg\":\"RS256\",\"zip\":\"DEF\"}",
        "{\"alg\":\"RS256\",\"alg\":\"none\"}",
        "{\"alg\":\"none\",\"alg\":\"RS256\"}",
        "{\"alg\":\"RS256\",\"kid\":1}",
        "{\"alg\":\"RS256\",\"kid\":\"\"}",
        "{\"alg\":\"RS256\",\"kid\":null}",
        "{\"alg\":\"RS256\"}{}",
        "[{\"alg\":\"RS256\"}]",
        "{\"alg\":\"RS256\",}",
        "{'alg':'RS256'}",
        "null",
        "",
        "\"RS256\""
      })
  void refusesHeadersThatTwoReadersCouldReadDifferently(String header) {
    assertRefused(RSA.sign(header, GOOD), TokenCheck.MALFORMED);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{\"iss\":\"\"}",
        "{\"iss\":7}",
        "{\"iss\":[\"i\"]}",
        "{\"iss\":\"i\",\"iss\":\"j\"}",
        "{\"iss\":\"i\",\"exp\":1,\"exp\":9999999999}",
        "{\"iss\":\"i\",\"exp\":\"9999999999\"}",
        "{\"iss\":\"i\",\"exp\":-1}",
        "{\"iss\":\"i\",\"exp\":1e400}",
        "{\"iss\":\"i\",\"exp\":1e300}",
        "{\"iss\":\"i\",\"exp\":99999999999999999999999999999999999999}",
        "{\"iss\":\"i\",\"exp\":253402300800}",
        "{\"iss\":\"i\",\"exp\":NaN}",
        "{\"iss\":\"i\",\"exp\":Infinity}",
        "{\"iss\":\"i\",\"exp\":null}",
        "{\"iss\":\"i\",\"exp\":true}",
        "{\"iss\":\"i\",\"exp\":{}}",
        "{\"iss\":\"i\",\"nbf\":\"0\"}",
        "{\"iss\":\"i\",\"iat\":-5}",
        "{\"iss\":\"i\",\"aud\":7}",
        "{\"iss\":\"i\",\"aud\":[7]}",
        "{\"iss\":\"i\",\"aud\":[[\"a\"]]}",
        "{\"iss\":\"i\",\"aud\":{\"a\":1}}",
        "{\"iss\":\"i\"",
        "{\"iss\":\"i\"} x",
        "[]"
      })
  void refusesClaimsThatNoIssuerWrites(String payload) {
    assertRefused(RSA.sign(RSA.header().encode(), payload), TokenCheck.MALFORMED);
  }

  @Test
  void aFractionOfASecondIsATime() throws TokenFlaw {
    String payload = "{\"iss\":\"i\",\"exp\":1700000000.75}";
    assertThat(Jws.parse(RSA.sign(RSA.header().encode(), payload)).expiryMillis())
        .isEqualTo(1_700_000_000_750L);
  }

  @Test
  void refusesDepthLengthAndBytesThatAreNoText() {
    String deep = "[".repeat(40) + "]".repeat(40);
    assertRefused(
        RSA.sign(RSA.header().encode(), "{\"iss\":\"i\",\"x\":" + deep + "}"),
        TokenCheck.MALFORMED);
    assertRefused(
        RSA.sign(RSA.header().put("x", "y".repeat(2048)).encode(), GOOD), TokenCheck.MALFORMED);
    assertRefused(
        RSA.sign(RSA.header().put("kid", "k".repeat(257)).encode(), GOOD), TokenCheck.MALFORMED);
    assertRefused(
        RSA.sign(new JsonObject(GOOD).put("x", "y".repeat(16 * 1024))), TokenCheck.MALFORMED);
    String text = Signer.encode(RSA.header().encode());
    byte[] latin = "{\"iss\":\"\u00e4\"}".getBytes(StandardCharsets.ISO_8859_1);
    byte[] wide = GOOD.getBytes(StandardCharsets.UTF_16);
    assertRefused(text + "." + Signer.encode(latin) + ".AAAA", TokenCheck.MALFORMED);
    assertRefused(text + "." + Signer.encode(wide) + ".AAAA", TokenCheck.MALFORMED);
  }

  @Test
  void whatIsAsLargeAsItMayBeIsRead() throws TokenFlaw {
    String header = RSA.header().put("x", "").encode();
    String padded = RSA.header().put("x", "y".repeat(2048 - header.length())).encode();
    assertThat(Jws.parse(RSA.sign(padded, GOOD)).issuer()).isEqualTo("i");
    String kid = "k".repeat(256);
    assertThat(Jws.parse(RSA.sign(RSA.header().put("kid", kid).encode(), GOOD)).kid())
        .isEqualTo(kid);
    assertThat(Jws.parse(RSA.sign(new JsonObject(GOOD).put("aud", audiences(100)))).audiences())
        .hasSize(100);
    assertRefused(RSA.sign(new JsonObject(GOOD).put("aud", audiences(101))), TokenCheck.MALFORMED);
    String last = "{\"iss\":\"i\",\"exp\":253402300799,\"nbf\":0}";
    assertThat(Jws.parse(RSA.sign(RSA.header().encode(), last)).expiryMillis())
        .isEqualTo(253_402_300_799_000L);
    assertThat(Jws.parse(RSA.sign(RSA.header().encode(), last)).toString()).isEqualTo("Jws[RS256]");
  }

  private static JsonArray audiences(int count) {
    JsonArray audiences = new JsonArray();
    for (int i = 0; i < count; i++) {
      audiences.add("a" + i);
    }
    return audiences;
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ".", "..", ".e30.x", "e30", "e30.x", "e30.x.y.z", "W10.x.y", "*.x.y"})
  void whatIsNotThreePartsBehindAnObjectIsOpaque(String token) {
    assertThat(Jws.looksLikeOne(token)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"e30.x.y", "e30..", "e30.x.", "eyJ.x.y", "ew.x.y", "IHsi.x.y"})
  void threePartsBehindAnObjectLookLikeOne(String token) {
    assertThat(Jws.looksLikeOne(token)).isTrue();
  }
}
