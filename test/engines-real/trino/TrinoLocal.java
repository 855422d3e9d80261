import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.trino.Session;
import io.trino.plugin.memory.MemoryConnectorFactory;
import io.trino.spi.type.SqlVarbinary;
import io.trino.spi.type.TimeZoneKey;
import io.trino.testing.LocalQueryRunner;
import io.trino.testing.MaterializedResult;
import io.trino.testing.MaterializedRow;
import io.trino.testing.TestingSession;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/** Trino's own engine in one process, told by lines of JSON what to run: each line of the standard input is a query, each of the standard output its answer. */
public class TrinoLocal {
    private static final ObjectMapper JSON = new ObjectMapper();

    public static void main(String[] args) throws Exception {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        System.setOut(System.err);
        Session session = TestingSession.testSessionBuilder().setCatalog("awsdatacatalog").setSchema("default").setTimeZoneKey(TimeZoneKey.UTC_KEY).build();
        try (LocalQueryRunner runner = LocalQueryRunner.create(session)) {
            // As Athena's catalog is called.
            runner.createCatalog("awsdatacatalog", new MemoryConnectorFactory(), Map.of("memory.max-data-per-node", "1GB"));
            out.println("ready");
            BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                ObjectNode answer = JSON.createObjectNode();
                try {
                    JsonNode asked = JSON.readTree(line);
                    answer(runner, session, asked.get("sql").asText(), asked.has("out") ? Path.of(asked.get("out").asText()) : null, answer);
                }
                catch (Throwable error) {
                    answer.put("error", String.valueOf(error.getMessage()));
                }
                out.println(JSON.writeValueAsString(answer));
            }
        }
        System.exit(0);
    }

    private static void answer(LocalQueryRunner runner, Session session, String sql, Path file, ObjectNode answer) throws Exception {
        MaterializedResult result = runner.execute(session, sql);
        ArrayNode columns = answer.putArray("columns");
        for (int i = 0; i < result.getTypes().size(); i++) {
            columns.addObject().put("name", result.getColumnNames().size() > i ? result.getColumnNames().get(i) : "").put("type", result.getTypes().get(i).getDisplayName());
        }
        answer.put("rows", result.getRowCount());
        if (file == null) return;
        try (BufferedWriter writer = Files.newBufferedWriter(file, StandardCharsets.UTF_8)) {
            for (MaterializedRow row : result.getMaterializedRows()) {
                ArrayNode values = JSON.createArrayNode();
                for (Object value : row.getFields()) {
                    if (value == null) values.addNull(); else values.add(text(value));
                }
                writer.write(JSON.writeValueAsString(values));
                writer.newLine();
            }
        }
    }

    /** As a cast reads it; lists and maps as JSON. */
    private static String text(Object value) throws Exception {
        if (value instanceof List<?> || value instanceof Map<?, ?>) return JSON.writeValueAsString(plain(value));
        return value instanceof SqlVarbinary bytes ? HexFormat.of().formatHex(bytes.getBytes()) : String.valueOf(value);
    }

    private static Object plain(Object value) {
        if (value instanceof List<?> list) return list.stream().map(TrinoLocal::plain).toList();
        if (value instanceof Map<?, ?> map) {
            Map<String, Object> plain = new java.util.LinkedHashMap<>();
            map.forEach((key, each) -> plain.put(String.valueOf(key), plain(each)));
            return plain;
        }
        return value == null || value instanceof Number || value instanceof Boolean ? value : String.valueOf(value);
    }
}
