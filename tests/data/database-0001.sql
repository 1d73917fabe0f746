BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0001');
CREATE TABLE curves (
	run_id VARCHAR(32) NOT NULL, 
	number INTEGER NOT NULL, 
	candidate TEXT NOT NULL, 
	iteration INTEGER NOT NULL, 
	train_loss FLOAT, 
	validation_loss FLOAT, 
	validation_score FLOAT, 
	accuracy FLOAT, 
	PRIMARY KEY (run_id, number), 
	FOREIGN KEY(run_id) REFERENCES runs (id)
);
INSERT INTO "curves" VALUES('b742e4a25ca7',1,'Logistic regression',1,1.01868581795363799535e+00,1.01694061155074044755e+00,7.0833333333333337034e-01,7.0833333333333337034e-01);
INSERT INTO "curves" VALUES('b742e4a25ca7',2,'Gradient boosting',10,2.52809129200394278047e-01,3.08010973243789509812e-01,9.5833333333333337034e-01,9.5833333333333337034e-01);
INSERT INTO "curves" VALUES('b742e4a25ca7',3,'Random forest',10,4.44100998403702609818e-02,1.3831386471211007394e-01,9.16666666666666629659e-01,9.16666666666666629659e-01);
INSERT INTO "curves" VALUES('b742e4a25ca7',4,'Logistic regression',2,0.898986841252304,8.9395926521947333132e-01,7.91666666666666629659e-01,7.91666666666666629659e-01);
INSERT INTO "curves" VALUES('b742e4a25ca7',5,'Logistic regression',3,7.15017226674217853954e-01,7.03763817197164853745e-01,8.3333333333333337034e-01,8.3333333333333337034e-01);
INSERT INTO "curves" VALUES('b742e4a25ca7',6,'Logistic regression',4,5.33119216737934276117e-01,5.14915825995227671718e-01,9.5833333333333337034e-01,9.5833333333333337034e-01);
INSERT INTO "curves" VALUES('b742e4a25ca7',7,'Logistic regression',5,3.82865948687541313155e-01,3.67778731889872589899e-01,9.5833333333333337034e-01,9.5833333333333337034e-01);
INSERT INTO "curves" VALUES('b742e4a25ca7',8,'Gradient boosting',20,9.38208714113952652047e-02,1.86962292806783253462e-01,9.5833333333333337034e-01,9.5833333333333337034e-01);
INSERT INTO "curves" VALUES('b742e4a25ca7',9,'Logistic regression',6,2.4740486998818816966e-01,2.55631507571631944042e-01,9.5833333333333337034e-01,9.5833333333333337034e-01);
INSERT INTO "curves" VALUES('b742e4a25ca7',10,'Logistic regression',7,1.46184638284504730965e-01,1.84406908014237785886e-01,9.16666666666666629659e-01,9.16666666666666629659e-01);
INSERT INTO "curves" VALUES('b742e4a25ca7',11,'Gradient boosting',30,4.93988638521862186148e-02,1.71970638929688196538e-01,9.5833333333333337034e-01,9.5833333333333337034e-01);
INSERT INTO "curves" VALUES('b742e4a25ca7',12,'Logistic regression',8,8.50691575573677555288e-02,1.51370659945710861471e-01,9.16666666666666629659e-01,9.16666666666666629659e-01);
INSERT INTO "curves" VALUES('b742e4a25ca7',13,'Random forest',20,5.06650494666129672105e-02,1.51950514751385962197e-01,9.16666666666666629659e-01,9.16666666666666629659e-01);
INSERT INTO "curves" VALUES('b742e4a25ca7',14,'Logistic regression',9,5.07649428051829693098e-02,1.4334591033478380484e-01,0.875,0.875);
INSERT INTO "curves" VALUES('b742e4a25ca7',15,'Logistic regression',10,3.20646131167187167787e-02,1.49986411691988896777e-01,0.875,0.875);
INSERT INTO "curves" VALUES('b742e4a25ca7',16,'Gradient boosting',40,3.00537579015994031628e-02,1.74558362907315856027e-01,9.5833333333333337034e-01,9.5833333333333337034e-01);
INSERT INTO "curves" VALUES('b742e4a25ca7',17,'Logistic regression',11,2.12242007071463643919e-02,1.66023432557985933799e-01,9.16666666666666629659e-01,9.16666666666666629659e-01);
INSERT INTO "curves" VALUES('b742e4a25ca7',18,'Logistic regression',12,1.27003540269372931781e-02,2.00917957708946298689e-01,9.16666666666666629659e-01,9.16666666666666629659e-01);
INSERT INTO "curves" VALUES('b742e4a25ca7',19,'Gradient boosting',50,2.03449453823312496891e-02,1.89050890056193104937e-01,9.5833333333333337034e-01,9.5833333333333337034e-01);
INSERT INTO "curves" VALUES('b742e4a25ca7',20,'Random forest',30,5.13023772512008896518e-02,1.33302116876728465877e-01,9.5833333333333337034e-01,9.5833333333333337034e-01);
CREATE TABLE datasets (
	id VARCHAR(32) NOT NULL, 
	name TEXT NOT NULL, 
	sha256 VARCHAR(64) NOT NULL, 
	bytes INTEGER NOT NULL, 
	created_at VARCHAR(24) NOT NULL, 
	document JSON NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (sha256)
);
INSERT INTO "datasets" VALUES('431c7df6e0f7','iris.csv','9cc1c345c71bcc9b486b74cbf6063fa66f4bb5e0f603a4b3c3471ec2e5e8e355',3858,'2026-11-23T12:40:34.970Z','{"id":"431c7df6e0f7","name":"iris.csv","bytes":3858,"sha256":"9cc1c345c71bcc9b486b74cbf6063fa66f4bb5e0f603a4b3c3471ec2e5e8e355","created_at":"2026-11-23T12:40:34.970905Z","uploading_s":0.001,"validating_s":0.046,"profile":{"rows":150,"columns":[{"name":"sepal_length","kind":"number","missing":0,"unique":35,"example":"5.0","minimum":4.3,"maximum":7.9,"mean":5.843333333333334,"top":[],"smallest_class":1},{"name":"sepal_width","kind":"number","missing":0,"unique":23,"example":"3.0","minimum":2.0,"maximum":4.4,"mean":3.0573333333333337,"top":[],"smallest_class":1},{"name":"petal_length","kind":"number","missing":0,"unique":43,"example":"1.4","minimum":1.0,"maximum":6.9,"mean":3.758,"top":[],"smallest_class":1},{"name":"petal_width","kind":"number","missing":0,"unique":22,"example":"0.2","minimum":0.1,"maximum":2.5,"mean":1.1993333333333334,"top":[],"smallest_class":1},{"name":"species","kind":"category","missing":0,"unique":3,"example":"setosa","minimum":null,"maximum":null,"mean":null,"top":[{"value":"setosa","count":50},{"value":"versicolor","count":50},{"value":"virginica","count":50}],"smallest_class":50}],"target":{"name":"species","task":"multiclass","reason":"\"species\" has 3 labels. It is named like a target and is the last column.","alternatives":[{"name":"sepal_length","task":"regression","reason":"\"sepal_length\" is a number with 35 different values. It is the first column."},{"name":"petal_width","task":"regression","reason":"\"petal_width\" is a number with 22 different values."},{"name":"petal_length","task":"regression","reason":"\"petal_length\" is a number with 43 different values."},{"name":"sepal_width","task":"regression","reason":"\"sepal_width\" is a number with 23 different values."}]},"warnings":[{"code":"duplicate_rows","column":null,"message":"1 duplicate row (0.7%): they repeat an earlier row."}],"dialect":{"encoding":"utf-8","delimiter":",","quote":"\"","has_header":true,"skipped_lines":0,"escape":""}}}');
CREATE TABLE deployments (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	model_id VARCHAR(32) NOT NULL, 
	version INTEGER NOT NULL, 
	action VARCHAR(16) NOT NULL, 
	at VARCHAR(24) NOT NULL, 
	restores INTEGER
);
INSERT INTO "deployments" VALUES(1,'9dbb2e697b99',1,'deploy','2026-11-23T12:40:41.895Z',NULL);
CREATE TABLE events (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	at VARCHAR(24) NOT NULL, 
	type VARCHAR(32) NOT NULL, 
	subject JSON NOT NULL, 
	message TEXT NOT NULL, 
	data JSON NOT NULL
);
INSERT INTO "events" VALUES(1,'2026-11-23T12:40:35.049Z','user_action','{"dataset":"431c7df6e0f7"}','iris.csv was uploaded: 150 rows, 5 columns','{"action":"dataset_uploaded","rows":150,"columns":5,"bytes":3858}');
INSERT INTO "events" VALUES(2,'2026-11-23T12:40:35.085Z','user_action','{"run":"b742e4a25ca7","dataset":"431c7df6e0f7"}','Training of species on iris.csv was requested','{"action":"training_requested"}');
INSERT INTO "events" VALUES(3,'2026-11-23T12:40:39.754Z','training_started','{"run":"b742e4a25ca7","dataset":"431c7df6e0f7"}','Training of species on iris.csv started','{"task":"multiclass","budget_s":2.0}');
INSERT INTO "events" VALUES(4,'2026-11-23T12:40:39.796Z','training_progress','{"run":"b742e4a25ca7"}','Preprocessing features: Reading the target species','{"stage":"Preprocessing features","percent":0,"leader":null}');
INSERT INTO "events" VALUES(5,'2026-11-23T12:40:39.833Z','training_progress','{"run":"b742e4a25ca7"}','Training model: Racing 3 candidates: Logistic regression, Gradient boosting, Random forest','{"stage":"Training model","percent":5,"leader":null}');
INSERT INTO "events" VALUES(6,'2026-11-23T12:40:39.840Z','training_progress','{"run":"b742e4a25ca7"}','Training model: Logistic regression, iteration 1: log loss 1.017, balanced accuracy 0.708 on the validation rows','{"stage":"Training model","percent":9,"leader":"Logistic regression"}');
INSERT INTO "events" VALUES(7,'2026-11-23T12:40:39.856Z','training_progress','{"run":"b742e4a25ca7"}','Training model: Gradient boosting, iteration 10: log loss 0.308, balanced accuracy 0.958 on the validation rows','{"stage":"Training model","percent":9,"leader":"Gradient boosting"}');
INSERT INTO "events" VALUES(8,'2026-11-23T12:40:39.884Z','training_progress','{"run":"b742e4a25ca7"}','Training model: Random forest, iteration 10: log loss 0.1383, balanced accuracy 0.917 on the validation rows','{"stage":"Training model","percent":9,"leader":"Random forest"}');
INSERT INTO "events" VALUES(9,'2026-11-23T12:40:39.911Z','training_progress','{"run":"b742e4a25ca7"}','Training model: Gradient boosting, iteration 20: log loss 0.187, balanced accuracy 0.958 on the validation rows','{"stage":"Training model","percent":11,"leader":"Random forest"}');
INSERT INTO "events" VALUES(10,'2026-11-23T12:40:39.978Z','training_progress','{"run":"b742e4a25ca7"}','Training model: Random forest, iteration 20: log loss 0.152, balanced accuracy 0.917 on the validation rows','{"stage":"Training model","percent":24,"leader":"Random forest"}');
INSERT INTO "events" VALUES(11,'2026-11-23T12:40:40.006Z','training_progress','{"run":"b742e4a25ca7"}','Training model: Gradient boosting, iteration 40: log loss 0.1746, balanced accuracy 0.958 on the validation rows','{"stage":"Training model","percent":32,"leader":"Random forest"}');
INSERT INTO "events" VALUES(12,'2026-11-23T12:40:40.183Z','training_progress','{"run":"b742e4a25ca7"}','Training model: Random forest, iteration 70: log loss 0.1158, balanced accuracy 0.958 on the validation rows','{"stage":"Training model","percent":44,"leader":"Random forest"}');
INSERT INTO "events" VALUES(13,'2026-11-23T12:40:40.289Z','training_progress','{"run":"b742e4a25ca7"}','Training model: Random forest, iteration 100: log loss 0.1202, balanced accuracy 0.958 on the validation rows','{"stage":"Training model","percent":54,"leader":"Random forest"}');
INSERT INTO "events" VALUES(14,'2026-11-23T12:40:40.290Z','training_progress','{"run":"b742e4a25ca7"}','Training model: Random forest wins; fitting it once more with the validation rows','{"stage":"Training model","percent":77,"leader":"Random forest"}');
INSERT INTO "events" VALUES(15,'2026-11-23T12:40:40.328Z','training_progress','{"run":"b742e4a25ca7"}','Training model: Fitting Random forest once more on 121 rows','{"stage":"Training model","percent":82,"leader":"Random forest"}');
INSERT INTO "events" VALUES(16,'2026-11-23T12:40:40.439Z','training_progress','{"run":"b742e4a25ca7"}','Training model: Fitting Random forest once more on 121 rows','{"stage":"Training model","percent":90,"leader":"Random forest"}');
INSERT INTO "events" VALUES(17,'2026-11-23T12:40:40.440Z','training_progress','{"run":"b742e4a25ca7"}','Evaluating performance: Predicting 29 rows that no candidate has seen','{"stage":"Evaluating performance","percent":90,"leader":"Random forest"}');
INSERT INTO "events" VALUES(18,'2026-11-23T12:40:40.515Z','training_progress','{"run":"b742e4a25ca7"}','Training complete: Random forest gets 96.6% of species right on rows that it never saw; always guessing "virginica" is right in 31.0%.','{"stage":"Training complete","percent":100,"leader":"Random forest"}');
INSERT INTO "events" VALUES(19,'2026-11-23T12:40:41.741Z','training_completed','{"run":"b742e4a25ca7","dataset":"431c7df6e0f7","model":"9dbb2e697b99"}','Training of species on iris.csv succeeded','{"outcome":"succeeded","metrics":{"log_loss":0.14315860792952367,"accuracy":0.9655172413793104,"balanced_accuracy":0.9666666666666667,"f1":0.9649122807017543,"roc_auc":0.9855750487329434}}');
INSERT INTO "events" VALUES(20,'2026-11-23T12:40:41.895Z','model_deployed','{"model":"9dbb2e697b99"}','Version 1 (species · Random forest) is live','{"action":"deploy","version":1,"deployment":1}');
CREATE TABLE leases (
	name TEXT NOT NULL, 
	holder TEXT NOT NULL, 
	host TEXT NOT NULL, 
	pid INTEGER NOT NULL, 
	expires_at FLOAT NOT NULL, 
	PRIMARY KEY (name)
);
CREATE TABLE models (
	id VARCHAR(32) NOT NULL, 
	version INTEGER NOT NULL, 
	run_id VARCHAR(32) NOT NULL, 
	dataset_id VARCHAR(32) NOT NULL, 
	created_at VARCHAR(24) NOT NULL, 
	document JSON NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (version)
);
INSERT INTO "models" VALUES('9dbb2e697b99',1,'b742e4a25ca7','431c7df6e0f7','2026-11-23T12:40:41.740Z','{"id":"9dbb2e697b99","version":1,"name":"species · Random forest","run_id":"b742e4a25ca7","dataset_id":"431c7df6e0f7","dataset_name":"iris.csv","dataset_sha256":"9cc1c345c71bcc9b486b74cbf6063fa66f4bb5e0f603a4b3c3471ec2e5e8e355","created_at":"2026-11-23T12:40:41.740850Z","target":"species","task":"multiclass","candidate":"Random forest","labels":["setosa","versicolor","virginica"],"inputs":[{"name":"sepal_length","kind":"number","labels":[],"minimum":4.3,"maximum":7.9,"example":5.8},{"name":"sepal_width","kind":"number","labels":[],"minimum":2.0,"maximum":4.4,"example":3.0},{"name":"petal_length","kind":"number","labels":[],"minimum":1.0,"maximum":6.9,"example":4.4},{"name":"petal_width","kind":"number","labels":[],"minimum":0.1,"maximum":2.5,"example":1.3}],"metrics":{"log_loss":0.14315860792952367,"accuracy":0.9655172413793104,"balanced_accuracy":0.9666666666666667,"f1":0.9649122807017543,"roc_auc":0.9855750487329434},"baseline":{"log_loss":1.099247866885793,"accuracy":0.3103448275862069,"balanced_accuracy":0.3333333333333333,"f1":0.15789473684210525,"roc_auc":0.5},"score_name":"balanced accuracy","score":0.9666666666666667,"parameters":{"n_estimators":60},"rows":{"train":97,"validation":24,"test":29},"seed":0,"training_s":0.76,"artifact":{"file":"model.zip","sha256":"aead5ad0060584ec32c98fb2f1113d0728124db60be533fbfb1132887c521654","bytes":125220,"modified_ns":1795437641732861714}}');
CREATE TABLE requests (
	at FLOAT NOT NULL, 
	worker TEXT NOT NULL, 
	kind VARCHAR(16) NOT NULL, 
	count INTEGER NOT NULL, 
	errors INTEGER NOT NULL, 
	total_ms FLOAT NOT NULL, 
	max_ms FLOAT NOT NULL, 
	predictions INTEGER NOT NULL, 
	PRIMARY KEY (at, worker, kind)
);
CREATE TABLE runs (
	id VARCHAR(32) NOT NULL, 
	dataset_id VARCHAR(32) NOT NULL, 
	state VARCHAR(16) NOT NULL, 
	created_at VARCHAR(24) NOT NULL, 
	version INTEGER NOT NULL, 
	document JSON NOT NULL, 
	pid INTEGER, 
	pid_started FLOAT, 
	host TEXT, 
	heartbeat_at FLOAT, 
	PRIMARY KEY (id)
);
INSERT INTO "runs" VALUES('b742e4a25ca7','431c7df6e0f7','succeeded','2026-11-23T12:40:35.079Z',18,'{"id":"b742e4a25ca7","dataset_id":"431c7df6e0f7","dataset_name":"iris.csv","target":"species","task":"multiclass","budget_s":2.0,"seed":0,"exclude":[],"state":"succeeded","created_at":"2026-11-23T12:40:35.079371Z","stage":"Training complete","percent":100.0,"message":"Random forest gets 96.6% of species right on rows that it never saw; always guessing \"virginica\" is right in 31.0%.","stages":[{"name":"Uploading data","state":"done","seconds":0.001},{"name":"Validating data quality","state":"done","seconds":0.046},{"name":"Preprocessing features","state":"done","seconds":0.037},{"name":"Training model","state":"done","seconds":0.608},{"name":"Evaluating performance","state":"done","seconds":0.074},{"name":"Training complete","state":"done","seconds":0.0}],"score_name":"balanced accuracy","loss_name":"log loss","left_out":[],"candidates":[{"name":"Logistic regression","state":"finished","score":0.875,"validation_loss":0.1433459103347838,"accuracy":0.875,"iterations":12,"is_best":false,"error":null},{"name":"Gradient boosting","state":"finished","score":0.9583333333333334,"validation_loss":0.1719706389296882,"accuracy":0.9583333333333334,"iterations":70,"is_best":false,"error":null},{"name":"Random forest","state":"finished","score":0.9583333333333334,"validation_loss":0.11237481780845643,"accuracy":0.9583333333333334,"iterations":100,"is_best":true,"error":null}],"eta_s":null,"eta_low_s":null,"eta_high_s":null,"started_at":"2026-11-23T12:40:39.753087Z","ended_at":"2026-11-23T12:40:41.741686Z","metrics":{"log_loss":0.14315860792952367,"accuracy":0.9655172413793104,"balanced_accuracy":0.9666666666666667,"f1":0.9649122807017543,"roc_auc":0.9855750487329434},"baseline":{"log_loss":1.099247866885793,"accuracy":0.3103448275862069,"balanced_accuracy":0.3333333333333333,"f1":0.15789473684210525,"roc_auc":0.5},"model_id":"9dbb2e697b99","error":null,"version":18,"is_cancel_requested":false,"is_best_kept":false}',1532,1795437634.37,'elsewhere',1.79543764128969597811e+09);
CREATE TABLE samples (
	at FLOAT NOT NULL, 
	host TEXT NOT NULL, 
	metrics JSON NOT NULL, 
	PRIMARY KEY (at, host)
);
CREATE INDEX events_by_type ON events (type, id);
CREATE INDEX runs_by_state ON runs (state, created_at);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('events',20);
INSERT INTO "sqlite_sequence" VALUES('deployments',1);
COMMIT;
