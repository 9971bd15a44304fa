// Creates a customer with aXMLRPC (Maven: fr.turri:aXMLRPC) and Gson, on the JDK's own HTTP client.
//
// usage: java -cp axmlrpc.jar:gson.jar CreateCustomer.java [MEMBERS.json]
// XMLAPI_URL is the service; XMLAPI_LOGIN and XMLAPI_PASSWORD log in by HTTP Digest, and without a login this must be
// a trusted host.

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.gson.GsonBuilder;
import com.google.gson.ToNumberPolicy;
import de.timroes.axmlrpc.XMLRPCClient;
import de.timroes.axmlrpc.XMLRPCServerException;
import java.io.PrintStream;
import java.net.Authenticator;
import java.net.PasswordAuthentication;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

public class CreateCustomer {
    public static void main(String[] args) throws Exception {
        String login = System.getenv("XMLAPI_LOGIN");
        String password = System.getenv("XMLAPI_PASSWORD");
        if (login != null && !login.isEmpty()) {
            // The library itself knows Basic authentication only; the JDK below it knows Digest, and takes the low byte
            // of every character of a password: these are the bytes of UTF-8.
            char[] secret = new String(password.getBytes(UTF_8), ISO_8859_1).toCharArray();
            Authenticator.setDefault(new Authenticator() {
                @Override
                protected PasswordAuthentication getPasswordAuthentication() {
                    return new PasswordAuthentication(login, secret);
                }
            });
        }

        Map<?, ?> members = Map.of(
            "name", "Example of Java, " + System.currentTimeMillis() / 1000,
            "web_password", "correct7horse",
            "i_tariff", 1);
        if (args.length > 0) {
            var gson = new GsonBuilder().setObjectToNumberStrategy(ToNumberPolicy.LONG_OR_DOUBLE).create();
            members = gson.fromJson(Files.readString(Path.of(args[0])), Map.class);
        }

        // FLAGS_NIL: null is sent as <nil/>; without it, it is an error.
        var client = new XMLRPCClient(new URL(System.getenv("XMLAPI_URL")), XMLRPCClient.FLAGS_NIL);
        var out = new PrintStream(System.out, true, UTF_8);
        try {
            var answer = (Map<?, ?>) client.call("createCustomer", members);
            out.println("OK " + answer.get("i_customer"));
        } catch (XMLRPCServerException fault) {
            // The library puts the code behind the text.
            String text = fault.getMessage().replaceFirst(" \\[-?\\d+]$", "");
            out.println("fault " + fault.getErrorNr() + ": " + text);
            System.exit(1);
        }
    }
}
